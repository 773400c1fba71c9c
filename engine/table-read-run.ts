import { setTimeout as delay } from 'node:timers/promises';
import { CODES, type Code } from './base/codes.ts';
import { toErrorRecord, type ErrorDetails, type ErrorRecord } from './base/errors.ts';
import { pauseMs, type RetryPolicy } from './base/retry.ts';
import type { SnapshotRecord, SnapshotSink } from './change/snapshot.ts';
import { hasAllRows, type ReadMark, type ReadOrder, type TableRead } from './change/table-read.ts';
import { isOver, OVER, type TableReads } from './checkpoint/table-reads.ts';
import type { MarkOrder, ReadSink } from './read-marks.ts';
import type { WiredUnits } from './snapshot-wiring.ts';
import type { TableReadSource } from './source/source.ts';

export interface TableReadRunParts {
  readonly reads: TableReads;
  /** Plans what is left of a read. */
  readonly open: (read: TableRead) => Promise<TableReadSource>;
  /** Makes it what the dispatcher fills. */
  readonly wire: (source: TableReadSource, id: string) => WiredUnits;
  /** Sends a mark to where rows go, and waits for its delivery; false when that was no longer wanted. */
  readonly sendMark: (sink: ReadSink, order: MarkOrder) => Promise<boolean>;
  /** Makes durable what `reads` has. */
  readonly store: () => Promise<void>;
  /** Records what `reads` has; durable with the next store. */
  readonly note: () => void;
  /** A table that joined is read: it counts among the tables of the snapshot, durable with the next store. */
  readonly onJoined: (record: SnapshotRecord) => void;
  readonly retry: RetryPolicy;
  readonly now: () => number;
  readonly tell: (message: string, details: ErrorDetails) => void;
  readonly warn: (code: string, message: string, details: ErrorDetails) => void;
  /** The store failed: the changefeed ends. */
  readonly onError: (error: unknown) => void;
}

/** What the server refuses over and over is no passing trouble: after so many attempts in which no chunk was done, the read has failed. */
const REFUSALS: ReadonlySet<Code> = new Set(['SNAPSHOT_REFUSED', 'COPY_MALFORMED']);
const REFUSALS_MAX = 5;

/**
 * Reads tables beside the stream, one after the other: those that are ordered, those that join, and those that an earlier process has
 * begun. What one fails of is told of it and goes no further: the stream and the other reads go on.
 */
export class TableReadRun {
  private readonly parts: TableReadRunParts;
  private readonly stopping = new AbortController();
  private current: { readonly id: string; readonly wired: WiredUnits } | null = null;
  private source: TableReadSource | null = null;
  /** Rows of reads that are over, or that were begun anew, which this process has delivered. */
  private rowsBefore = 0;
  private readonly watched = new Set<string>();
  private wake: () => void = () => undefined;
  private pausing = new AbortController();

  constructor(parts: TableReadRunParts) {
    this.parts = parts;
  }

  /**
   * Watches the tables of which an earlier process has read something; before the first row of the stream, since a row that leaves one
   * chunk for another must be seen.
   */
  watch(sink: SnapshotSink): void {
    for (const { id, state, progress } of this.parts.reads.all)
      if (state === 'reading' && progress !== null) this.watchTables(id, progress, sink);
  }

  private watchTables(id: string, { tables }: SnapshotRecord, sink: SnapshotSink): void {
    const { reads, note } = this.parts;
    for (const { name } of tables) {
      sink.watch(name, (row) => {
        reads.addMoved(id, row);
        note();
      });
      this.watched.add(name);
    }
  }

  private unwatch(sink: SnapshotSink): void {
    for (const name of this.watched) sink.unwatch(name);
    this.watched.clear();
  }

  /** Resolves after `stop`; rejects with what the store failed of. */
  async run(sink: ReadSink): Promise<void> {
    while (!this.isStopped) {
      const { next } = this.parts.reads;
      if (next === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else await this.read(next, sink);
    }
  }

  /** Takes an order in; it is recorded at once, and begun when those before it are over. */
  order(order: ReadOrder): void {
    if (!this.parts.reads.take(order)) return this.tellKnown(order);
    if (order.kind === 'cancel-read' && this.current?.id === order.id) this.leaveNow();
    this.pausing.abort();
    this.store();
  }

  /** An order that changes nothing. The stream may repeat one, after a crash: the same again is no reason to warn. */
  private tellKnown(order: ReadOrder): void {
    const { reads, tell, warn } = this.parts;
    const known = reads.find(order.id);
    if (order.kind === 'cancel-read' || known === undefined) return;
    const { id, table, where, state } = known;
    const message = `the order to read ${order.table} has the id ${id}, which a read of ${table} has already (${state}): nothing is read for it`;
    if (table === order.table && where === order.where) tell(message, { read: id });
    else warn('READ_ID_KNOWN', message, { read: id });
  }

  /** A table joined the changefeed. */
  join(table: string, id: string): void {
    if (this.parts.reads.join(table, id)) this.store();
  }

  private store(): void {
    this.parts.store().then(() => this.wake(), this.parts.onError);
  }

  private get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** One read until it is over, or after `stop` left as it is. */
  private async read({ id, table }: TableRead, sink: ReadSink): Promise<void> {
    const { reads, retry, store, warn, tell } = this.parts;
    reads.update(id, { state: 'reading' });
    await store();
    let failures = { attempts: 0, forMs: 0 };
    while (!this.isStopped && !isOver(reads.get(id))) {
      const done = reads.get(id).chunksDone;
      try {
        await this.readOnce(id, sink);
      } catch (thrown) {
        const error = toErrorRecord(thrown);
        if (reads.get(id).chunksDone > done) failures = { attempts: 0, forMs: 0 };
        if (!mayPass(error, failures.attempts)) {
          const { code, message } = error;
          reads.update(id, { ...OVER, state: 'failed', error: { code, message } });
          warn(code, `${table} is no longer read: ${message}`, error.details);
          break;
        }
        const wait = pauseMs(retry, failures, Math.random());
        failures = { attempts: failures.attempts + 1, forMs: 0 };
        warn(error.code, `${error.message}; ${table} is read on in ${wait} ms`, error.details);
        this.pausing = new AbortController();
        await delay(wait, undefined, { signal: AbortSignal.any([this.pausing.signal, this.stopping.signal]) }).catch(() => undefined);
      }
    }
    const { state, rows } = reads.get(id);
    if (this.isStopped) return;
    this.unwatch(sink);
    if (state === 'cancelled') tell(`${table} is no longer read: that was cancelled`, { table, rows });
    await store();
  }

  /** What is left of a read, by one plan. */
  private async readOnce(id: string, sink: ReadSink): Promise<void> {
    const { reads, open, wire, onJoined } = this.parts;
    const source = await open(reads.get(id));
    this.watchTables(id, source.record, sink);
    if (hasAllRows(reads.get(id))) {
      await source.close();
      return await this.complete(id, source, sink);
    }
    await this.sendMark('start', id, source, sink);
    const wired = wire(source, id);
    this.source = source;
    this.current = { id, wired };
    // Cancelled, or stopped, while it was planned.
    if (this.isStopped || isOver(reads.get(id))) this.leaveNow();
    try {
      await wired.run.run(sink);
      if (!wired.ledger.isFinished || isOver(reads.get(id))) return;
      const { joins, progress } = reads.get(id);
      if (joins && progress !== null) onJoined(progress);
      await this.complete(id, source, sink);
    } finally {
      this.rowsBefore += wired.ledger.rowsFinished;
      this.current = null;
    }
  }

  /** All rows of a read are delivered. */
  private async complete(id: string, source: TableReadSource, sink: ReadSink): Promise<void> {
    await this.sendMark('complete', id, source, sink);
    const { reads } = this.parts;
    if (reads.get(id).mark === null) reads.update(id, { ...OVER, state: 'done' });
  }

  /** Sends a mark if it is due; the next one is once it is delivered. */
  private async sendMark(mark: ReadMark, id: string, source: TableReadSource, sink: ReadSink): Promise<void> {
    const { reads, sendMark } = this.parts;
    const isLeft = () => this.isStopped || isOver(reads.get(id));
    if (reads.get(id).mark !== mark || !(await sendMark(sink, { mark, source, isLeft }))) return;
    reads.update(id, { mark: mark === 'start' ? 'complete' : null });
  }

  private async leave(deadline: number): Promise<void> {
    await this.current?.wired.run.stop(deadline);
  }

  /** Leaves what is read as it is, without waiting for what is on its way. */
  private leaveNow(): void {
    this.leave(this.parts.now()).catch(this.parts.onError);
  }

  /** Reads no more, and stores those of the chunks that are whole: the next start goes on behind them. */
  async stop(deadline: number): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.leave(deadline);
  }

  /** Rows that this process has delivered. */
  get rowsDelivered(): number {
    return this.rowsBefore + (this.current?.wired.ledger.rowsFinished ?? 0);
  }

  get isRunning(): boolean {
    return this.current !== null;
  }

  resume(): void {
    if (this.current !== null) this.source?.resume();
  }

  tick(): void {
    this.current?.wired.run.tick();
  }
}

/** Whether another attempt is to be made: most of what a capture would be restarted for. */
function mayPass({ code }: ErrorRecord, attempts: number): boolean {
  if (REFUSALS.has(code) && attempts >= REFUSALS_MAX) return false;
  const { action } = CODES[code];
  return action === 'retry' || action === 'halt-at-start';
}
