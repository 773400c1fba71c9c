import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the time goes, for tuning; both cost time themselves, so figures of a profiled run do not count.
 *
 *   MILLRACE_BENCH_CPU_PROFILE=DIR   V8 profiles of all the engine's threads; `node dist/bench/profile/top.js DIR` reads them
 *   MILLRACE_BENCH_PERF=DIR          `perf record` of all its threads, native code and kernel included, within the measured window
 */
const CPU_PROFILE = process.env['MILLRACE_BENCH_CPU_PROFILE'];
const PERF = process.env['MILLRACE_BENCH_PERF'];

const SAMPLES_PER_SECOND = 997;
let recordings = 0;

/** Node's own arguments for the engine, which its captures and workers inherit. (NODE_OPTIONS does not take them all.) */
export function profilingArguments(): string[] {
  if (CPU_PROFILE !== undefined) return ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${CPU_PROFILE}`];
  return PERF === undefined ? [] : ['--perf-basic-prof', '--interpreted-frames-native-stack'];
}

/** A running `perf record`. */
export class PerfRecording {
  readonly #perf: ChildProcess;

  private constructor(perf: ChildProcess) {
    this.#perf = perf;
  }

  /** Samples the processes `pids`; null unless asked for. Throws when there is no perf. */
  static start(pids: readonly number[]): PerfRecording | null {
    if (PERF === undefined) return null;
    mkdirSync(PERF, { recursive: true });
    recordings++;
    // The CPU clock works in virtual machines that have no cycle counter.
    const sampling = ['-e', 'cpu-clock', '-F', String(SAMPLES_PER_SECOND), '-g'];
    const output = join(PERF, `perf-${recordings}.data`);
    return new PerfRecording(spawn('perf', ['record', ...sampling, '-o', output, '-p', pids.join(',')], { stdio: 'ignore' }));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#perf.once('close', resolve));
    this.#perf.kill('SIGINT');
    await ended;
  }
}
