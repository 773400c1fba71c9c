import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { assert } from '../base/assert.ts';
import { MillraceError, toErrorRecord, type ErrorRecord } from '../base/errors.ts';
import type { ReadOrder } from '../change/table-read.ts';
import type { CaptureCommand, CaptureMessage, CaptureStart } from './messages.ts';

/** Last lines of standard error that an unexplained death carries. */
const LAST_LINES = 10;

/**
 * V8 flags of the capture process. Its rows never live in V8's heap, so a small young generation costs no time and keeps
 * tens of megabytes out of the resident set.
 */
const NODE_FLAGS = ['--max-semi-space-size=4'];

export interface CaptureProcessHandlers {
  message(message: CaptureMessage): void;
  /** A line that something below our code wrote on standard error: V8, the C library, a crash. */
  stray(line: string): void;
  /** The process is gone; once. `died` is what to say if it had told no error. */
  exited(died: ErrorRecord): void;
}

/** One life of a capture process: forked, given its configuration, asked to stop, killed. */
export class CaptureProcess {
  private readonly child: ChildProcess;
  private readonly lastLines: string[] = [];

  /** Forks `file` (emitted JavaScript) and sends it `start`. Secrets travel by the channel only, never in the child's environment. */
  constructor(file: string, start: CaptureStart, handlers: CaptureProcessHandlers) {
    this.child = fork(file, [], {
      execArgv: [...process.execArgv.filter((flag) => !flag.startsWith('--max-semi-space-size')), ...NODE_FLAGS],
      env: captureEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
    });
    this.child.on('message', (message) => handlers.message(message as CaptureMessage));
    const { stderr } = this.child;
    assert(stderr !== null, 'standard error is a pipe');
    createInterface({ input: stderr }).on('line', (line) => {
      if (this.lastLines.push(line) > LAST_LINES) this.lastLines.shift();
      handlers.stray(line);
    });
    let failure: Error | null = null;
    this.child.on('error', (error) => {
      failure = error;
      if (this.child.pid === undefined) handlers.exited(this.death(null, null, error));
    });
    // `close` comes after `exit` and after the last line and message were read.
    this.child.on('close', (code, signal) => {
      if (this.child.pid !== undefined) handlers.exited(this.death(code, signal, failure));
    });
    this.command({ type: 'start', ...start });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Asks for a table to be read beside the stream, or no longer. An order that comes while the process ends is lost. */
  order(order: ReadOrder): void {
    this.command({ type: 'order', order });
  }

  stop(): void {
    this.command({ type: 'stop' });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** The channel may have closed a moment ago; the exit that follows tells the supervisor all it needs. */
  private command(command: CaptureCommand): void {
    if (this.child.connected) this.child.send(command, () => {});
  }

  private death(code: number | null, signal: string | null, failure: Error | null): ErrorRecord {
    const how = failure?.message ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
    const details = this.lastLines.length === 0 ? {} : { lastLines: this.lastLines.join('\n') };
    return toErrorRecord(new MillraceError('CAPTURE_DIED', `the capture process ended without a reason (${how})`, details));
  }
}

/**
 * What glibc's allocator is told. It makes up to eight arenas a core and keeps what was freed in them: two are enough for few threads.
 * librdkafka takes and gives back a block of a megabyte for each request: with the thresholds glibc keeps it instead of asking the kernel
 * each time, which costs 0.2 us for each row.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '16777216', MALLOC_TRIM_THRESHOLD_: '33554432' } as const;

/**
 * The environment without our own variables: they may hold secrets, which would then stand in /proc of a second process.
 */
export function captureEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('MILLRACE_'));
  return { ...MALLOC, ...Object.fromEntries(kept) };
}
