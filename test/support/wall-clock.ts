import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';

/**
 * The wall clock of processes that are started with its environment, which can be stepped while they run; their monotonic clock goes on.
 * It is libfaketime's, which waits that are under way when it is stepped do not notice: those of a kernel whose clock is set would.
 */
export class WallClock {
  readonly environment: Readonly<Record<string, string>>;
  private readonly file: string;

  private constructor(directory: string, libraries: readonly string[]) {
    this.file = join(directory, 'offset');
    this.environment = {
      LD_PRELOAD: libraries.join(' '),
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    this.step(0);
  }

  static async prepare(t: { after(end: () => void): void }): Promise<WallClock> {
    const directory = tempDir(t);
    const waits = join(directory, 'wall-clock.so');
    await run('cc', ['-shared', '-fPIC', '-o', waits, join(projectRoot, 'test/support/wall-clock.c')]);
    // For programs with threads; `faketime` knows where the loader of this machine finds it.
    const faked = await run('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD']);
    return new WallClock(directory, [waits, faked.trim()]);
  }

  /** So many days from the real time; seen within a second. */
  step(days: number): void {
    const next = `${this.file}.next`;
    writeFileSync(next, `${days < 0 ? '' : '+'}${days}d\n`);
    renameSync(next, this.file);
  }
}
