import { MillraceError } from '../../../base/errors.ts';
import { OldImage, Operation } from '../../../change/operation.ts';
import type { RowSink } from '../../../change/row-sink.ts';
import { refuseRow } from '../../refuse-row.ts';
import { inflateRecord } from './compressed-record.ts';
import { u32le } from './event-layout.ts';
import { Fields } from './fields.ts';
import type { HeldEvents } from './held-events.ts';
import type { LogTable, LogTables } from './log-tables.ts';
import { PartialImages } from './partial-images.ts';
import { RowsEvent } from './rows-event.ts';

/** So many bytes of rows are given in one go: others wait for this thread. */
const TURN_BYTES = 4 * 1024 * 1024;
const WORD = 0x1_0000_0000;
const MICROS = 1_000_000;

/** What the sink is told of a transaction besides its rows. */
export interface Decision {
  /** Null for a transaction without one. */
  readonly xid: { readonly high: number; readonly low: number } | null;
  readonly commitMicros: number;
  readonly gtid: string | null;
  readonly serverId: number;
  readonly threadId: number;
  /** Where the log goes on behind it. */
  readonly endHigh: number;
  readonly endLow: number;
}

export interface ReplayOptions {
  readonly sink: RowSink;
  readonly tables: LogTables;
  readonly held: HeldEvents;
  /** Bytes that the rows of a compressed event may have. */
  readonly inflateMax: number;
}

/** Gives a committed transaction, whose events are held, to the sink, row by row. */
export class Replay {
  /** The sink refused a row, which has not been taken since. */
  sinkIsFull = false;
  /** Words of the last commit that was given. */
  toldHigh = 0;
  toldLow = 0;
  private readonly sink: RowSink;
  private readonly tables: LogTables;
  private readonly held: HeldEvents;
  private readonly inflateMax: number;
  private readonly event = new RowsEvent();
  private readonly partials = new PartialImages();
  /** The transaction that is being given; null between transactions. */
  private decision: Decision | null = null;
  /** The event whose rows are being given: `bytes[at, end)` is left. */
  private table: LogTable | null = null;
  private schemaId = -1;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private seconds = -1;

  constructor({ sink, tables, held, inflateMax }: ReplayOptions) {
    this.sink = sink;
    this.tables = tables;
    this.held = held;
    this.inflateMax = inflateMax;
  }

  get isRunning(): boolean {
    return this.decision !== null;
  }

  /** Begins to give what is held. Then `run` until that returns true. */
  begin(decision: Decision): void {
    const { sink } = this;
    const high = Math.floor(decision.commitMicros / WORD);
    if (decision.xid === null) sink.beginWithoutXid(high, decision.commitMicros | 0);
    else sink.begin(decision.xid.high, decision.xid.low, high, decision.commitMicros | 0);
    if (sink.wantsOrigin) sink.origin(decision.gtid, decision.serverId, decision.threadId);
    this.decision = decision;
    this.seconds = -1;
    this.at = this.end = 0;
  }

  /**
   * Goes on; true once the commit is given. False when the sink is full, or, `sinkIsFull` telling which, when others should have a turn.
   * @throws MillraceError `ROW_IMAGE_INVALID`, `BINLOG_EVENT_INVALID`, `SPILL_FAILED`, and what the sink throws
   */
  run(): boolean {
    let left = TURN_BYTES;
    for (;;) {
      if (this.at >= this.end && !this.nextEvent()) break;
      const start = this.at;
      this.sinkIsFull = !this.rows();
      if (this.sinkIsFull) return false;
      left -= this.end - start;
      if (left <= 0) return false;
    }
    const { endHigh, endLow } = this.decision!;
    this.decision = null;
    this.held.clear();
    this.toldHigh = endHigh;
    this.toldLow = endLow;
    this.sink.commit(endHigh, endLow);
    return true;
  }

  private nextEvent(): boolean {
    const { held, event, sink } = this;
    if (!held.next()) return false;
    const table = this.tables.at(held.table);
    event.read(held.bytes, held.start, held.end, table.name, table.columnCount);
    this.table = table;
    this.schemaId = table.schemaId(event.isFull, sink);
    this.bytes = held.bytes;
    this.at = event.rowsStart;
    this.end = held.end;
    if (event.isCompressed) {
      this.bytes = inflateRecord(new Fields(held.bytes, event.rowsStart, held.end, `an event with rows of ${table.name}`), this.inflateMax);
      this.at = 0;
      this.end = this.bytes.length;
    }
    if (this.schemaId < 0) this.at = this.end;
    else this.tellTime(u32le(held.bytes, held.start));
    return true;
  }

  private tellTime(seconds: number): void {
    if (seconds === this.seconds) return;
    this.seconds = seconds;
    const micros = seconds * MICROS;
    this.sink.rowTime(Math.floor(micros / WORD), micros | 0);
  }

  /** Gives the rows that are left of the event; false when the sink is full. */
  private rows(): boolean {
    const { bytes, end, event } = this;
    if (!event.isFull) return this.partialRows();
    const { bounds } = this.table!;
    const { operation } = event;
    while (this.at < end) {
      const start = this.at;
      const middle = bounds.end(bytes, start, end);
      if (middle < 0) throw this.invalid(start);
      let isTaken: boolean;
      let next = middle;
      if (operation === Operation.insert) isTaken = this.give(bytes, OldImage.none, start, start, start, middle);
      else if (operation === Operation.delete) isTaken = this.give(bytes, OldImage.full, start, middle, middle, middle);
      else {
        next = bounds.end(bytes, middle, end);
        if (next < 0) throw this.invalid(start);
        isTaken = this.give(bytes, OldImage.full, start, middle, middle, next);
      }
      if (!isTaken) return false;
      this.at = next;
    }
    return true;
  }

  /** As `rows`, where images leave columns out. */
  private partialRows(): boolean {
    const { bytes, end, event, held, partials } = this;
    const { bounds, columnCount } = this.table!;
    const { operation, oldPresent, newPresent } = event;
    while (this.at < end) {
      const start = this.at;
      let next = bounds.partialEnd(bytes, start, end, held.bytes, oldPresent);
      // A row without a byte would never end.
      if (next <= start) throw this.invalid(start);
      partials.begin(columnCount);
      const middle = partials.add(held.bytes, oldPresent, bytes, start, next);
      let isTaken: boolean;
      if (operation === Operation.insert) isTaken = this.give(partials.bytes, OldImage.none, 0, 0, 0, middle);
      else if (operation === Operation.delete) isTaken = this.give(partials.bytes, OldImage.full, 0, middle, middle, middle);
      else {
        const newStart = next;
        next = bounds.partialEnd(bytes, newStart, end, held.bytes, newPresent);
        if (next < 0) throw this.invalid(start);
        const last = partials.add(held.bytes, newPresent, bytes, newStart, next);
        isTaken = this.give(partials.bytes, OldImage.full, 0, middle, middle, last);
      }
      if (!isTaken) return false;
      this.at = next;
    }
    return true;
  }

  private give(bytes: Uint8Array, oldImage: OldImage, oldStart: number, oldEnd: number, newStart: number, newEnd: number): boolean {
    const { sink, schemaId, event } = this;
    const { placeHigh, placeLow } = this.held;
    try {
      return sink.row(event.operation, schemaId, placeHigh, placeLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd);
    } catch (error) {
      const row = { operation: event.operation, schemaId, lsnHigh: placeHigh, lsnLow: placeLow, bytes, oldImage };
      return refuseRow(sink, error, { ...row, oldStart, oldEnd, newStart, newEnd, cutFrom: null });
    }
  }

  private invalid(at: number): MillraceError {
    const { name, columnCount } = this.table!;
    const message = `The log has a row of ${name} that does not fit its ${columnCount} columns, ${this.end - at} bytes before the event's end.`;
    return new MillraceError('ROW_IMAGE_INVALID', message, { table: name, columns: columnCount });
  }
}
