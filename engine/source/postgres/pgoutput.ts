import { MillraceError } from '../../base/errors.ts';
import { OldImage, Operation } from '../../change/operation.ts';
import type { RowSink } from '../../change/row-sink.ts';
import type { TableSchema } from '../../change/table-schema.ts';
import { compareLsn, formatLsn, type Lsn } from './lsn.ts';
import { OversizeScanner } from './oversize.ts';
import {
  BEGIN,
  BEGIN_BYTES,
  COMMIT,
  COMMIT_BYTES,
  DELETE,
  INSERT,
  KEEPALIVE,
  KEEPALIVE_BYTES,
  LOGICAL_MESSAGE,
  NEW_TUPLE,
  OLD_FULL,
  OLD_KEY,
  ORIGIN,
  RELATION,
  TRUNCATE,
  TYPE,
  UPDATE,
  XLOG_DATA,
  XLOG_HEADER_BYTES,
  type StreamTable,
} from './pgoutput-layout.ts';
import { parseRelation, parseType, type RelationMessage, type TypeMessage } from './relation-message.ts';
import { columnNotUtf8, rowImageEnd } from './row-image.ts';
import { Transaction } from './transaction.ts';

/** Gives a table, as a Relation message describes it, its keys and kinds. */
export interface RelationBinder {
  /**
   * The table's version; `pending` while the catalogue is asked (the call is then repeated); `unselected` when its rows are not wanted.
   * `xid` is the transaction's that is being read.
   * @throws MillraceError `SCHEMA_UNKNOWN`
   */
  bind(relation: RelationMessage, xid: number, lsn: Lsn): TableSchema | 'pending' | 'unselected';
  /** The name of a type that is not built in. */
  nameType(type: TypeMessage): void;
}

export interface ParserOptions {
  readonly sink: RowSink;
  readonly binder: RelationBinder;
  /** Only for the error about a row that exceeds it. */
  readonly frameBytesMax: number;
}

/** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_MICROS = 946_684_800_000_000n;
const EPOCH_HIGH = Number(EPOCH_MICROS >> 32n);
const EPOCH_LOW = Number(EPOCH_MICROS & 0xffff_ffffn);

/**
 * Reads pgoutput (protocol version 1, no `streaming`, no `two_phase`: only committed transactions come, whole and in commit order) and
 * calls the sink. It outlives connections: after `reconnect` the server sends a half-read transaction again from its beginning, and the rows
 * of it that the sink has are skipped by their index.
 */
export class PgoutputParser {
  /** Committed transactions that were read whole. */
  transactions = 0;
  /** End of what was read whole: of the last transaction, or an idle point after it. A reconnect goes on here. */
  readHigh = 0;
  readLow = 0;
  /** The highest position that the server has told us of; what was sent up to it may still be on its way. */
  serverHigh = 0;
  serverLow = 0;
  /** The server wants a status at once. Whoever answers resets it. */
  replyRequested = false;
  /** The sink refused a row, which has not been taken since. */
  sinkIsFull = false;

  private readonly sink: RowSink;
  private readonly binder: RelationBinder;
  private readonly frameBytesMax: number;
  private readonly tables = new Map<number, StreamTable>();
  private readonly wanted = new Map<number, boolean>();
  private lastRelation = -1;
  private lastTable: StreamTable | null = null;
  private readonly transaction = new Transaction();
  private checkText = false;
  /** Place of the frame that is being read. */
  private lsnHigh = 0;
  private lsnLow = 0;
  private oversize: OversizeScanner | null = null;
  /** The last position that the sink was told of. */
  private toldHigh = 0;
  private toldLow = 0;

  constructor(options: ParserOptions) {
    this.sink = options.sink;
    this.binder = options.binder;
    this.frameBytesMax = options.frameBytesMax;
  }

  /** Where the stream begins: everything up to there was delivered in an earlier life. */
  startAt(lsn: Lsn): void {
    this.readHigh = this.toldHigh = lsn.high;
    this.readLow = this.toldLow = lsn.low;
  }

  /**
   * A new connection begins, the first or another: it describes its tables anew, and sends a half-read transaction again.
   * @param isUnconverted the database is SQL_ASCII: the server sends bytes as they are, and nothing but a look shows that they are UTF-8
   */
  reconnect(isUnconverted: boolean): void {
    this.checkText = isUnconverted;
    this.tables.clear();
    this.lastRelation = -1;
    this.lastTable = null;
    this.oversize = null;
    this.replyRequested = false;
    this.sinkIsFull = false;
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

  /** The body of a CopyData message. False when the sink has no room or the catalogue must be asked first. */
  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] === XLOG_DATA && end - start > XLOG_HEADER_BYTES) {
      // Signed words: an unsigned one above 2^31 would be a heap number for each row.
      this.lsnHigh = i32(bytes, start + 1);
      this.lsnLow = i32(bytes, start + 5);
      return this.pgoutput(bytes, start + XLOG_HEADER_BYTES, end);
    }
    if (bytes[start] === KEEPALIVE && end - start === KEEPALIVE_BYTES) {
      this.keepalive(bytes, start + 1);
      return true;
    }
    throw this.malformed(`a CopyData message of ${end - start} bytes that begins with ${bytes[start]}`);
  }

  private pgoutput(bytes: Uint8Array, at: number, end: number): boolean {
    switch (bytes[at]) {
      case INSERT:
        return this.insert(bytes, at + 1, end);
      case UPDATE:
        return this.update(bytes, at + 1, end);
      case DELETE:
        return this.delete(bytes, at + 1, end);
      case BEGIN:
        return this.begin(bytes, at, end);
      case COMMIT:
        return this.commit(bytes, at, end);
      case RELATION:
        return this.relation(bytes, at + 1, end);
      case TYPE:
        this.binder.nameType(parseType(bytes, at + 1, end));
        return true;
      case TRUNCATE:
        return this.truncate(bytes, at + 1, end);
      case ORIGIN:
      case LOGICAL_MESSAGE:
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
    const carry = lowSum > 0xffff_ffff ? 1 : 0;
    this.sink.begin(xid, (i32(bytes, at + 9) + EPOCH_HIGH + carry) | 0, lowSum | 0);
    return true;
  }

  private commit(bytes: Uint8Array, at: number, end: number): boolean {
    const { transaction } = this;
    const fits = end - at === COMMIT_BYTES && transaction.isOpen && transaction.isCommittedAt(u32(bytes, at + 2), u32(bytes, at + 6));
    if (!fits) throw this.malformed('a Commit message in the wrong place, of the wrong length or of another transaction');
    transaction.end();
    this.readHigh = this.toldHigh = u32(bytes, at + 10);
    this.readLow = this.toldLow = u32(bytes, at + 14);
    this.noteServer(this.readHigh, this.readLow);
    this.transactions += 1;
    this.sink.commit(this.readHigh, this.readLow);
    return true;
  }

  private insert(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.table(bytes, at, end);
    const start = at + 5;
    if (bytes[at + 4] !== NEW_TUPLE || rowImageEnd(bytes, start, end, table.columnCount) !== end) throw this.malformedRow(table);
    return this.row(Operation.insert, table, bytes, OldImage.none, start, start, start, end);
  }

  private update(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.table(bytes, at, end);
    const start = at + 5;
    const kind = bytes[at + 4];
    if (kind === NEW_TUPLE) {
      if (rowImageEnd(bytes, start, end, table.columnCount) !== end) throw this.malformedRow(table);
      return this.row(Operation.update, table, bytes, OldImage.none, start, start, start, end);
    }
    const oldEnd = rowImageEnd(bytes, start, end, table.columnCount);
    const newStart = oldEnd + 1;
    if (oldEnd < 0 || oldEnd >= end || bytes[oldEnd] !== NEW_TUPLE || rowImageEnd(bytes, newStart, end, table.columnCount) !== end) {
      throw this.malformedRow(table);
    }
    return this.row(Operation.update, table, bytes, this.oldImage(kind, table), start, oldEnd, newStart, end);
  }

  private delete(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const table = this.table(bytes, at, end);
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
      if (this.checkText) this.checkRowText(table, bytes, oldStart, oldEnd, newStart, newEnd);
      if (!this.sink.row(operation, table.schemaId, this.lsnHigh, this.lsnLow, bytes, oldImage, oldStart, oldEnd, newStart, newEnd)) {
        this.sinkIsFull = true;
        return false;
      }
      this.sinkIsFull = false;
    }
    this.transaction.countRow(this.lsnHigh, this.lsnLow);
    return true;
  }

  private oldImage(kind: number | undefined, table: StreamTable): OldImage {
    if (kind === OLD_KEY) return OldImage.key;
    if (kind === OLD_FULL) return OldImage.full;
    throw this.malformedRow(table);
  }

  /** The table of a row message: relation id u32, tuple kind u8, then at least an image's column count. */
  private table(bytes: Uint8Array, at: number, end: number): StreamTable {
    if (end - at < 7 || !this.transaction.isOpen) throw this.malformed('a row that is cut short or outside of a transaction');
    const relation = i32(bytes, at);
    if (relation === this.lastRelation && this.lastTable !== null) return this.lastTable;
    const table = this.tables.get(relation);
    if (table === undefined) throw this.malformed(`a row of the relation ${relation >>> 0}, which was not described`);
    this.lastRelation = relation;
    this.lastTable = table;
    return table;
  }

  private relation(bytes: Uint8Array, at: number, end: number): boolean {
    const relation = parseRelation(bytes, at, end);
    const bound = this.binder.bind(relation, this.transaction.xid, { high: this.lsnHigh >>> 0, low: this.lsnLow >>> 0 });
    if (bound === 'pending') return false;
    const schema = bound === 'unselected' || !this.isWanted(bound) ? null : bound;
    const name = `${relation.schema}.${relation.table}`;
    this.tables.set(relation.relationId | 0, { name, schema, schemaId: schema?.id ?? -1, columnCount: relation.columns.length });
    this.lastTable = null;
    return true;
  }

  /** Each version is shown to the sink once. */
  private isWanted(schema: TableSchema): boolean {
    let wanted = this.wanted.get(schema.id);
    if (wanted === undefined) {
      wanted = this.sink.schema(schema);
      this.wanted.set(schema.id, wanted);
    }
    return wanted;
  }

  /** Truncate: count u32, options u8, relation ids u32. */
  private truncate(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return true;
    const count = end - at < 5 ? -1 : u32(bytes, at);
    if (end - at !== 5 + 4 * count || !this.transaction.isOpen) throw this.malformed('a Truncate message in the wrong place or length');
    const schemaIds: number[] = [];
    for (let i = 0; i < count; i++) {
      const table = this.tables.get(i32(bytes, at + 5 + 4 * i));
      if (table === undefined) throw this.malformed('a TRUNCATE of a relation that was not described');
      if (table.schema !== null) schemaIds.push(table.schemaId);
    }
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
    this.noteServer(high, low);
    this.transaction.checkPassed(high, low);
    if (!this.transaction.isNone || compareLsn(high, low, this.readHigh, this.readLow) <= 0) return;
    this.readHigh = high;
    this.readLow = low;
  }

  private noteServer(high: number, low: number): void {
    if (compareLsn(high, low, this.serverHigh, this.serverLow) <= 0) return;
    this.serverHigh = high;
    this.serverLow = low;
  }

  beginOversize(length: number): void {
    this.oversize = new OversizeScanner({ length, limit: this.frameBytesMax, tableOf: (relation) => this.tables.get(relation) });
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.oversize!.piece(bytes, start, end);
  }

  /** Returns normally when nothing is lost: for a logical message, and a row that is not wanted or was read before. */
  endOversize(): void {
    const scanner = this.oversize!;
    this.oversize = null;
    this.lsnHigh = scanner.lsnHigh;
    this.lsnLow = scanner.lsnLow;
    if (scanner.isLogicalMessage) return;
    if (!scanner.isRow) throw this.malformed('a message of an unreasonable size');
    if (this.transaction.passesOver(this.lsnHigh, this.lsnLow)) return;
    if (scanner.table?.schema !== null) throw scanner.error(this.transaction.xid);
    this.transaction.countRow(this.lsnHigh, this.lsnLow);
  }

  private checkRowText(table: StreamTable, bytes: Uint8Array, oldStart: number, oldEnd: number, newStart: number, newEnd: number): void {
    let column = newEnd > newStart ? columnNotUtf8(bytes, newStart, table.columnCount) : -1;
    if (column < 0 && oldEnd > oldStart) column = columnNotUtf8(bytes, oldStart, table.columnCount);
    if (column < 0) return;
    const lsn = formatLsn(this.lsnHigh, this.lsnLow);
    const name = table.schema!.columns[column]!.name;
    const message =
      `A value of the column ${name} of ${table.name} is not UTF-8 (transaction ${this.transaction.xid} at ${lsn}). ` +
      "The database's character set is SQL_ASCII, so the server hands over bytes as they are; only UTF-8 is accepted.";
    throw new MillraceError('TEXT_NOT_UTF8', message, { table: table.name, column: name, lsn, xid: this.transaction.xid });
  }

  private malformed(what: string): MillraceError {
    const lsn = formatLsn(this.lsnHigh, this.lsnLow);
    return new MillraceError('STREAM_PROTOCOL', `The server sent ${what}, at ${lsn}.`, { lsn });
  }

  private malformedRow(table: StreamTable): MillraceError {
    return this.malformed(`a row of ${table.name} that does not fit its ${table.columnCount} columns`);
  }
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}

