import { MillraceError } from '../../base/errors.ts';
import { OldImage, Operation } from '../../change/operation.ts';
import type { RowSink } from '../../change/row-sink.ts';
import { compareLsn, formatLsn, type Lsn } from './lsn.ts';
import { OversizeScanner } from './oversize.ts';
import {
  BEGIN_BYTES,
  COMMIT_BYTES,
  EPOCH_HIGH,
  EPOCH_LOW,
  Frame,
  i32,
  KEEPALIVE_BYTES,
  Pgoutput,
  truncatedRelations,
  Tuple,
  u32,
  XLOG_HEADER_BYTES,
  type StreamTable,
} from './pgoutput-layout.ts';
import { refuseRow } from '../refuse-row.ts';
import { parseRelation, parseType } from './relation-message.ts';
import { rowImageEnd } from './row-image.ts';
import { refuseForeignText } from './row-text.ts';
import { StreamTables, type StreamPlace, type StreamTablesOptions } from './stream-tables.ts';
import { Transaction } from './transaction.ts';

export interface ParserOptions extends StreamTablesOptions {
  /** Only for the error about a row that exceeds it. */
  readonly frameBytesMax: number;
}

/**
 * Reads pgoutput (protocol version 1, no `streaming`, no `two_phase`: only committed transactions come, whole and in commit order) and
 * calls the sink. It outlives connections: after `reconnect` the server sends a half-read transaction again from its beginning, and the
 * rows of it that the sink has are passed over by their index.
 */
export class PgoutputParser {
  /** Committed transactions that were read whole. */
  transactions = 0;
  /** End of what was read whole: of the last transaction, or an idle point after it. A reconnect goes on here. */
  readHigh = 0;
  readLow = 0;
  /** The server wants a status at once. Whoever answers resets it. */
  replyRequested = false;
  /** The sink refused a row, which has not been taken since. */
  sinkIsFull = false;

  private readonly sink: RowSink;
  private readonly tables: StreamTables;
  private readonly frameBytesMax: number;
  private readonly transaction = new Transaction();
  private checkText = false;
  /** Place of the frame that is being read, or of the last one that had a place. */
  private lsnHigh = 0;
  private lsnLow = 0;
  private oversize: OversizeScanner | null = null;
  /** The last position that the sink was told of. */
  private toldHigh = 0;
  private toldLow = 0;

  constructor(options: ParserOptions) {
    this.sink = options.sink;
    this.tables = new StreamTables(options);
    this.frameBytesMax = options.frameBytesMax;
  }

  /** Where the stream begins: everything up to there was delivered in an earlier life. */
  startAt(lsn: Lsn): void {
    this.readHigh = this.toldHigh = lsn.high;
    this.readLow = this.toldLow = lsn.low;
  }

  /** No transaction is half read: everything that was read is in the sink whole. */
  get isBetweenTransactions(): boolean {
    return this.transaction.isNone;
  }

  /**
   * A new connection begins, the first or another: it describes its tables anew, and sends a half-read transaction again.
   * @param isUnconverted the database is SQL_ASCII: the server sends bytes as they are, and nothing but a look shows that they are UTF-8
   */
  reconnect(isUnconverted: boolean): void {
    this.checkText = isUnconverted;
    this.tables.clear();
    this.oversize = null;
    this.replyRequested = this.sinkIsFull = false;
    this.transaction.lose();
  }

  /** Progress without rows: tells the sink of an idle point that it has not been told of. */
  reportIdle(): void {
    if (!this.transaction.isNone || compareLsn(this.readHigh, this.readLow, this.toldHigh, this.toldLow) <= 0) return;
    this.toldHigh = this.readHigh;
    this.toldLow = this.readLow;
    this.sink.idle(this.readHigh, this.readLow);
  }

  /** All that was read may go on; called at the end of each chunk. */
  flush(): void {
    this.sink.flush();
  }

  /**
   * The body of a CopyData message. False when it cannot be taken now and must come again: the sink has no room, or the catalogue is asked.
   * @throws MillraceError `STREAM_PROTOCOL`, `STREAM_DIVERGED`, `SCHEMA_UNKNOWN`, `TEXT_NOT_UTF8`, and what the sink throws
   */
  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] === Frame.xlogData && end - start > XLOG_HEADER_BYTES) {
      // Signed words: an unsigned one above 2^31 would be a heap number for each row.
      const high = i32(bytes, start + 1);
      const low = i32(bytes, start + 5);
      // A description comes at 0/0: it belongs where the last change did, or the transaction's beginning.
      if ((high | low) !== 0 || bytes[start + XLOG_HEADER_BYTES] === Pgoutput.begin) {
        this.lsnHigh = high;
        this.lsnLow = low;
      }
      return this.pgoutput(bytes, start + XLOG_HEADER_BYTES, end);
    }
    if (bytes[start] === Frame.keepalive && end - start === KEEPALIVE_BYTES) {
      this.keepalive(bytes, start + 1);
      return true;
    }
    throw this.malformed(`a CopyData message of ${end - start} bytes that begins with ${bytes[start]}`);
  }

  private pgoutput(bytes: Uint8Array, at: number, end: number): boolean {
    switch (bytes[at]) {
      case Pgoutput.insert:
        return this.insert(bytes, at + 1, end);
      case Pgoutput.update:
        return this.update(bytes, at + 1, end);
      case Pgoutput.delete:
        return this.delete(bytes, at + 1, end);
      case Pgoutput.begin:
        return this.begin(bytes, at, end);
      case Pgoutput.commit:
        return this.commit(bytes, at, end);
      case Pgoutput.relation:
        return this.tables.describe(parseRelation(bytes, at + 1, end), this.place());
      case Pgoutput.truncate:
        return this.truncate(bytes, at + 1, end);
      case Pgoutput.type:
        this.tables.nameType(parseType(bytes, at + 1, end));
        return true;
      case Pgoutput.origin:
      case Pgoutput.message:
        return true;
      default:
        throw this.malformed(`a pgoutput message of type ${bytes[at]}`);
    }
  }

  private begin(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at !== BEGIN_BYTES || this.transaction.isOpen) throw this.malformed('a Begin message in the wrong place or length');
    const xid = u32(bytes, at + 17);
    if (!this.transaction.begin(u32(bytes, at + 1), u32(bytes, at + 5), xid)) return true;
    const lowSum = u32(bytes, at + 13) + EPOCH_LOW;
    this.sink.begin(xid >> 31, xid, (i32(bytes, at + 9) + EPOCH_HIGH + (lowSum > 0xffff_ffff ? 1 : 0)) | 0, lowSum | 0);
    return true;
  }

  private commit(bytes: Uint8Array, at: number, end: number): boolean {
    const { transaction } = this;
    const fits = end - at === COMMIT_BYTES && transaction.isOpen && transaction.isCommittedAt(u32(bytes, at + 2), u32(bytes, at + 6));
    if (!fits) throw this.malformed('a Commit message in the wrong place, of the wrong length or of another transaction');
    transaction.end();
    this.readHigh = this.toldHigh = u32(bytes, at + 10);
    this.readLow = this.toldLow = u32(bytes, at + 14);
    this.transactions += 1;
    this.sink.commit(this.readHigh, this.readLow);
    return true;
  }

  private insert(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.tableOf(bytes, at, end);
    const start = at + 5;
    if (bytes[at + 4] !== Tuple.new || rowImageEnd(bytes, start, end, table.columnCount) !== end) throw this.malformedRow(table);
    if (table.signal !== null) table.signal(bytes, start);
    return this.row(Operation.insert, table, bytes, OldImage.none, start, start, start, end);
  }

  private update(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.tableOf(bytes, at, end);
    const start = at + 5;
    const kind = bytes[at + 4];
    if (kind === Tuple.new) {
      if (rowImageEnd(bytes, start, end, table.columnCount) !== end) throw this.malformedRow(table);
      return this.row(Operation.update, table, bytes, OldImage.none, start, start, start, end);
    }
    const oldEnd = rowImageEnd(bytes, start, end, table.columnCount);
    const newStart = oldEnd + 1;
    const isWhole = oldEnd >= 0 && oldEnd < end && bytes[oldEnd] === Tuple.new;
    if (!isWhole || rowImageEnd(bytes, newStart, end, table.columnCount) !== end) throw this.malformedRow(table);
    return this.row(Operation.update, table, bytes, this.oldImage(kind, table), start, oldEnd, newStart, end);
  }

  private delete(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.tableOf(bytes, at, end);
    const start = at + 5;
    if (rowImageEnd(bytes, start, end, table.columnCount) !== end) throw this.malformedRow(table);
    return this.row(Operation.delete, table, bytes, this.oldImage(bytes[at + 4], table), start, end, end, end);
  }

  private row(
    operation: Operation,
    table: StreamTable,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    if (table.schema !== null) {
      const { lsnHigh, lsnLow, sink } = this;
      try {
        if (this.checkText) refuseForeignText(table, bytes, oldStart, oldEnd, newStart, newEnd, this.place());
        this.sinkIsFull = !sink.row(operation, table.schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd);
      } catch (error) {
        const row = { operation, schemaId: table.schemaId, lsnHigh, lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd };
        this.sinkIsFull = !refuseRow(sink, error, { ...row, cutFrom: null });
      }
      if (this.sinkIsFull) return false;
    }
    this.transaction.countRow(this.lsnHigh, this.lsnLow);
    return true;
  }

  private oldImage(kind: number | undefined, table: StreamTable): OldImage {
    if (kind === Tuple.oldKey) return OldImage.key;
    if (kind === Tuple.oldFull) return OldImage.full;
    throw this.malformedRow(table);
  }

  /** The table of a row message, which holds at least a relation id, a tuple's kind and its column count. */
  private tableOf(bytes: Uint8Array, at: number, end: number): StreamTable {
    if (end - at < 7 || !this.transaction.isOpen) throw this.malformed('a row that is cut short or outside of a transaction');
    const table = this.tables.find(i32(bytes, at));
    if (table === undefined) throw this.malformed(`a row of the relation ${u32(bytes, at)}, which was not described`);
    return table;
  }

  private truncate(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const relations = truncatedRelations(bytes, at, end);
    const schemaIds = relations === null || !this.transaction.isOpen ? null : this.tables.schemaIdsOf(relations);
    if (schemaIds === null)
      throw this.malformed('a Truncate message in the wrong place or length, or of a relation that was not described');
    if (schemaIds.length > 0) this.sink.truncate(schemaIds, this.lsnHigh, this.lsnLow);
    this.transaction.countRow(this.lsnHigh, this.lsnLow);
    return true;
  }

  /**
   * While a large transaction is decoded the server's keepalives climb through it, up to its commit, before its first row is sent:
   * everything committed up to there has been sent all the same.
   */
  private keepalive(bytes: Uint8Array, at: number): void {
    const high = u32(bytes, at);
    const low = u32(bytes, at + 4);
    if (bytes[at + 16] !== 0) this.replyRequested = true;
    this.transaction.checkPassed(high, low);
    if (!this.transaction.isNone || compareLsn(high, low, this.readHigh, this.readLow) <= 0) return;
    this.readHigh = high;
    this.readLow = low;
  }

  /** A message that is too large to be put together follows in pieces. */
  beginOversize(length: number): void {
    this.oversize = new OversizeScanner({ length, limit: this.frameBytesMax, tableOf: (relation) => this.tables.find(relation) });
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.oversize!.piece(bytes, start, end);
  }

  /**
   * Passes over a logical message, and a row that is not wanted or was read before; any other row is for the dead-letter topic. False when
   * that has no room now.
   * @throws MillraceError `ROW_TOO_LARGE` where there is no such topic
   */
  endOversize(): boolean {
    const scanner = this.oversize!;
    this.lsnHigh = scanner.lsnHigh;
    this.lsnLow = scanner.lsnLow;
    if (!scanner.isLogicalMessage && !scanner.isRow) throw this.malformed('a message of an unreasonable size');
    if (scanner.isRow && !this.transaction.passesOver(this.lsnHigh, this.lsnLow)) {
      if (scanner.table?.schema !== null) this.sinkIsFull = !refuseRow(this.sink, scanner.error(this.transaction.xid), scanner.row);
      if (this.sinkIsFull) return false;
      this.transaction.countRow(this.lsnHigh, this.lsnLow);
    }
    this.oversize = null;
    return true;
  }

  private place(): StreamPlace {
    return { xid: this.transaction.xid, from: { high: this.lsnHigh >>> 0, low: this.lsnLow >>> 0 } };
  }

  private malformed(what: string): MillraceError {
    const lsn = formatLsn(this.lsnHigh, this.lsnLow);
    return new MillraceError('STREAM_PROTOCOL', `The server sent ${what}, at ${lsn}.`, { lsn });
  }

  private malformedRow(table: StreamTable): MillraceError {
    return this.malformed(`a row of ${table.name} that does not fit its ${table.columnCount} columns`);
  }
}
