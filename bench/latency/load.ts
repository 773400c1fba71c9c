import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CommitTimes } from './commit-times.ts';
import type { GeneratorReport, GeneratorTask } from './generator.ts';

/** Below this share of the asked rate the load was not the one asked for, and the run is void. */
const ACHIEVED_SHARE_MIN = 0.99;

export interface LoadResult {
  readonly times: CommitTimes;
  /** Of the generator, from its first commit on. */
  readonly cpuSeconds: number;
}

/** The generator's process, from its start to its end. */
export class Load {
  readonly #task: GeneratorTask;
  readonly #child: ChildProcess;
  /** Null when it ended without. */
  readonly #measuring: Promise<GeneratorReport | null>;
  readonly #done: Promise<GeneratorReport | null>;
  #errors = '';

  constructor(task: GeneratorTask) {
    this.#task = task;
    this.#child = fork(new URL('./generator.js', import.meta.url), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr!.on('data', (chunk: Buffer) => (this.#errors += String(chunk)));
    this.#measuring = this.#report('measuring');
    this.#done = this.#report('done');
    this.#child.send(task);
  }

  /** Resolves when the warm-up is over. */
  async warmedUp(): Promise<void> {
    if ((await this.#measuring) === null) throw this.#failure();
  }

  /** Ends the schedule here, once the warm-up is over: commits that are not yet sent never are. */
  stop(): void {
    // To one that has ended it cannot be sent; `finished` tells why it has.
    this.#child.send('stop', () => undefined);
  }

  /** Resolves when every commit has been answered: those of the whole schedule, or those before `stop`. */
  async finished(): Promise<LoadResult> {
    const report = await this.#done;
    if (report?.type !== 'done') throw this.#failure();
    const words = new BigInt64Array(Uint8Array.from(readFileSync(this.#task.timesPath)).buffer);
    return { times: new CommitTimes(this.#task.schedule, words), cpuSeconds: report.cpuSeconds };
  }

  /** For runs that failed. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #report(type: GeneratorReport['type']): Promise<GeneratorReport | null> {
    return new Promise((resolve) => {
      this.#child.on('message', (report: GeneratorReport) => {
        if (report.type === type) resolve(report);
      });
      this.#child.once('close', () => resolve(null));
    });
  }

  #failure(): Error {
    return new Error(`the load generator failed: ${this.#errors}`);
  }
}

/** Throws when fewer commits than asked were made: what is measured then is another load. */
export function assertRate(achieved: number, asked: number): void {
  if (achieved >= asked * ACHIEVED_SHARE_MIN) return;
  throw new Error(`${achieved.toFixed(1)} of ${asked} commits/s were made: the machine is too slow or too busy, the run is void`);
}
