import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, type Exit } from './child.ts';
import { projectRoot } from './paths.ts';
import { freePort } from './ports.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** Options by their environment names without the prefix, `{ TABLES: 'public.*' }`. */
export type MillraceOptions = Readonly<Record<string, string>>;

const MAIN = join(projectRoot, 'dist/engine/main.js');

function variables(options: MillraceOptions): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [`MILLRACE_${name}`, value]));
}

/** A `millrace run` of its own: state directory, HTTP port and log belong to it. It is killed at the latest when this process ends. */
export class Millrace {
  readonly stateDir: string;
  readonly httpPort: number;
  readonly logFile: string;
  /** What the next launch has besides its options: words of the command line, and variables under their whole names. */
  surroundings: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } = { argv: [], env: {} };
  private readonly options: MillraceOptions;
  private child: Child | null = null;
  private lastReadiness = '';

  private constructor(base: string, httpPort: number, options: MillraceOptions) {
    this.stateDir = join(base, 'state');
    this.httpPort = httpPort;
    this.logFile = join(base, 'log');
    this.options = options;
  }

  /** Nothing runs yet: `start` does. */
  static async prepare(options: MillraceOptions): Promise<Millrace> {
    return new Millrace(tempDir(undefined, 'millrace-run-'), await freePort(), options);
  }

  /**
   * Starts (or starts again, on the same state) and returns at once. `more` wins over the options of `prepare`; those of `without` are not
   * given.
   */
  launch(more: MillraceOptions = {}, without: readonly string[] = []): void {
    const all = { SYNC_MODE: 'INCREMENTAL', LOG_FORMAT: 'json', STATE_DIR: this.stateDir, ...this.options, ...more };
    const env = variables(Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name))));
    env['MILLRACE_HTTP_ADDRESS'] = `127.0.0.1:${this.httpPort}`;
    this.child = new Child(process.execPath, [MAIN, 'run', ...this.surroundings.argv], {
      log: this.logFile,
      env: { ...env, ...this.surroundings.env },
    });
  }

  /** Variables of the options, for other commands on the same changefeed. */
  get environment(): Record<string, string> {
    return variables({ STATE_DIR: this.stateDir, ...this.options });
  }

  /** As `launch`; returns when the stream has begun. */
  async start(more: MillraceOptions = {}, without: readonly string[] = []): Promise<void> {
    this.launch(more, without);
    await until(async () => this.exit !== null || (await this.isReady()), {
      deadlineMs: 60_000,
      what: () => `millrace to be ready (${this.lastReadiness}):\n${this.tail()}`,
    });
    if (this.exit !== null) throw new Error(`millrace ended at once:\n${this.tail()}`);
  }

  /** Of the supervisor. */
  get pid(): number {
    return this.running.pid;
  }

  /** Of the capture, which must run. */
  get capturePid(): number {
    return Number(readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ')[0]);
  }

  /** How the supervisor ended; null while it runs. */
  get exit(): Exit | null {
    return this.running.exit;
  }

  /** What `/ready` says. */
  async readiness(): Promise<{ readonly ready: boolean; readonly reason: string | null; readonly activity: string | null }> {
    const answer = await fetch(`http://127.0.0.1:${this.httpPort}/ready`);
    return (await answer.json()) as { ready: boolean; reason: string | null; activity: string | null };
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}/ready`);
      this.lastReadiness = await answer.text();
      return answer.ok;
    } catch (error) {
      this.lastReadiness = String(error);
      return false;
    }
  }

  /** Value of a metric without labels, or summed over them; 0 when it is not there. */
  async metric(name: string): Promise<number> {
    const values = (await this.metrics()).split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** A whole scrape. */
  async metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.httpPort}/metrics`)).text();
  }

  /** SIGTERM, and its end. */
  async stop(deadlineMs = 90_000): Promise<Exit> {
    return await this.running.wait('SIGTERM', deadlineMs);
  }

  /** SIGKILL of the supervisor, and its end. */
  async kill9(): Promise<Exit> {
    return await this.running.wait('SIGKILL', 10_000);
  }

  /** Waits until it ends by itself. */
  async ended(deadlineMs: number): Promise<Exit> {
    await until(() => this.exit !== null, { deadlineMs, what: () => `millrace to end:\n${this.tail()}` });
    return this.exit!;
  }

  /** Everything that it logged, over all its lives. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Waits until it has logged `text`. */
  async untilLogged(text: string, deadlineMs = 30_000): Promise<void> {
    await until(() => this.log().includes(text), { deadlineMs, what: () => `\`${text}\`\n${this.tail()}` });
  }

  /** The last lines of the log. */
  tail(): string {
    return this.running.logTail();
  }

  private get running(): Child {
    if (this.child === null) throw new Error('millrace was not started');
    return this.child;
  }
}
