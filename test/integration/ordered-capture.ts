import { join } from 'node:path';
import { hasAllRows, type TableRead } from '../../engine/change/table-read.ts';
import { readCheckpoint } from '../../engine/checkpoint/copies.ts';
import { isOver } from '../../engine/checkpoint/table-reads.ts';
import { CaptureProcess } from '../../engine/control/capture-process.ts';
import { loadService } from '../../engine/control/config/service.ts';
import type { CaptureMessage, ReadStats } from '../../engine/control/messages.ts';
import { projectRoot } from '../support/paths.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const CAPTURE = join(projectRoot, 'dist/engine/capture.js');

/** A capture process without a supervisor: a test gives it orders, and it can be killed and started again on its state. */
export class OrderedCapture {
  reads: readonly ReadStats[] = [];
  /** Of every life: warnings, logged lines, and what ended it. */
  readonly words: string[] = [];
  private readonly options: MillraceOptions & { readonly STATE_DIR: string; readonly CHANGEFEED: string };
  private process: CaptureProcess | null = null;
  private isReady = false;
  private hasExited = true;

  constructor(t: { after(end: () => Promise<void>): void }, options: MillraceOptions & { readonly CHANGEFEED: string }) {
    this.options = { STATE_DIR: tempDir(undefined, 'millrace-ordered-'), ...options };
    t.after(() => this.kill());
  }

  /** Starts, or starts again; resolves when rows begin to be read. */
  async start(more: MillraceOptions = {}): Promise<void> {
    this.launch(more);
    await until(() => this.isReady || this.hasExited, { deadlineMs: 60_000, what: () => `the capture to be ready\n${this.tail()}` });
    if (this.hasExited) throw new Error(`the capture ended:\n${this.tail()}`);
  }

  launch(more: MillraceOptions = {}): void {
    const env = Object.fromEntries(Object.entries({ ...this.options, ...more }).map(([name, value]) => [`MILLRACE_${name}`, value]));
    const [config] = loadService({ argv: [], env, cwd: projectRoot }, false).changefeeds;
    this.isReady = this.hasExited = false;
    this.process = new CaptureProcess(
      CAPTURE,
      { config, secrets: {}, isRestart: false },
      {
        message: (message) => this.receive(message),
        stray: (line) => this.words.push(line),
        exited: (died) => {
          this.hasExited = true;
          this.words.push(died.message);
        },
      },
    );
  }

  private receive(message: CaptureMessage): void {
    if (message.type === 'ready') this.isReady = true;
    if (message.type === 'stats') this.reads = message.stats.reads;
    if (message.type === 'log') this.words.push(message.message);
    if (message.type === 'warning') this.words.push(`${message.code}: ${message.message}`);
    if (message.type === 'error') this.words.push(`${message.error.code}: ${message.error.message}`);
  }

  read(table: string, where: string | null = null, id = `order ${table}`, comment: string | null = null): void {
    this.process?.order({ kind: 'read-table', id, table, where, comment });
  }

  cancel(id: string): void {
    this.process?.order({ kind: 'cancel-read', id });
  }

  /** Waits until a read is in a state. */
  async until(id: string, state: ReadStats['state'], deadlineMs = 60_000): Promise<ReadStats> {
    const find = () => this.reads.find((read) => read.id === id && read.state === state);
    return await until(find, { deadlineMs, what: () => `${id} to be ${state}: ${JSON.stringify(this.reads)}\n${this.tail()}` });
  }

  /** Waits until the checkpoint has so many chunks of the first read as done, which it knows sooner than it is told. */
  async untilRecorded(chunks: number): Promise<void> {
    const { STATE_DIR, CHANGEFEED } = this.options;
    const recorded = async () => ((await readCheckpoint(STATE_DIR, CHANGEFEED)).record?.reads[0]?.chunksDone ?? 0) >= chunks;
    await until(recorded, { everyMs: 1, what: () => `${chunks} chunks to be recorded\n${this.tail()}` });
  }

  /** Waits until the checkpoint has a read as one of which all rows are delivered, or as over. Returns whether it is not over yet. */
  async untilAllRows(id: string): Promise<boolean> {
    const { STATE_DIR, CHANGEFEED } = this.options;
    let read: TableRead | undefined;
    const isSo = async () => {
      read = (await readCheckpoint(STATE_DIR, CHANGEFEED)).record?.reads.find((one) => one.id === id);
      return read !== undefined && (hasAllRows(read) || isOver(read));
    };
    await until(isSo, { everyMs: 1, what: () => `all rows of ${id} to be recorded\n${this.tail()}` });
    return read !== undefined && !isOver(read);
  }

  async untilSaid(text: string): Promise<void> {
    await until(() => this.words.some((words) => words.includes(text)), { what: () => `\`${text}\`\n${this.tail()}` });
  }

  tail(): string {
    return this.words.slice(-40).join('\n');
  }

  /** Drains, and ends. */
  async stop(): Promise<void> {
    this.process?.stop();
    await this.gone();
  }

  async kill(): Promise<void> {
    this.process?.kill();
    await this.gone();
  }

  private async gone(): Promise<void> {
    await until(() => this.hasExited, { what: () => `the capture to end\n${this.tail()}` });
  }
}
