import { spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { forgetProcess, killAtExit } from './cleanup.ts';
import { within } from './wait.ts';

export interface ChildOptions {
  /** File that takes standard output and error. */
  readonly log: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Signal the kernel sends the child when this process dies, even of SIGKILL. */
  readonly orphanSignal?: 'KILL' | 'QUIT';
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server process of ours: a direct child, so that its pid is known and its end is seen. */
export class Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly #log: string;
  readonly #process: ReturnType<typeof spawn>;
  #exit: Exit | null = null;

  /** Starts `command`; throws when it is not an executable file. `wrapper` precedes it on the command line and must exec it. */
  constructor(command: string, args: readonly string[], options: ChildOptions, wrapper: readonly string[] = []) {
    const output = openSync(options.log, 'a');
    const line = [...wrapper, 'setpriv', '--pdeathsig', options.orphanSignal ?? 'KILL', command, ...args];
    this.#process = spawn(line[0] as string, line.slice(1), {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#log = options.log;
    this.#process.once('error', () => undefined);
    if (this.#process.pid === undefined) throw new Error(`cannot start ${line.join(' ')}`);
    this.pid = this.#process.pid;
    killAtExit(this.pid);
    this.exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        forgetProcess(this.pid);
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    // A test that forgets its server still ends; the registry then kills the server.
    this.#process.unref();
  }

  /** How it ended; null while it runs. */
  get exit(): Exit | null {
    return this.#exit;
  }

  /** Sends `signal` unless it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === null) process.kill(this.pid, signal);
  }

  /** Sends `signal`, if any, and waits for the end. Fails after `deadlineMs`, with the log. */
  async wait(signal: NodeJS.Signals | null, deadlineMs: number): Promise<Exit> {
    if (this.#exit !== null) return this.#exit;
    this.#process.ref();
    if (signal !== null) this.signal(signal);
    const awaited = `the end of ${this.#process.spawnargs.slice(0, 12).join(' ')} (log ${this.#log})`;
    return await within(this.exited, deadlineMs, awaited);
  }

  /** The last lines of its output, for error messages. */
  logTail(lines = 30): string {
    return readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
