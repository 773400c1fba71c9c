import { assert } from '../../../base/assert.ts';
import { copyOf } from '../../../base/byte-view.ts';
import { MillraceError } from '../../../base/errors.ts';
import type { RowSink } from '../../../change/row-sink.ts';
import type { SourceEvents } from '../../source.ts';
import { checkChecksum } from './checksum.ts';
import { CHECKSUM_BYTES, EventFlag, EventType, HEADER_BYTES, HeaderAt, PASSED_OVER, u16le, u32le } from './event-layout.ts';
import type { FarPlace } from './far-place.ts';
import { readFormat } from './format-description.ts';
import { Fields } from './fields.ts';
import { parseMariadbGtid, parseMysqlGtid, type LogGtid } from './gtid-event.ts';
import { LogPlace, placeHigh, placeLow } from './log-place.ts';
import { LogTables, type LogTablesOptions } from './log-tables.ts';
import { comesInParts, PayloadEvent } from './payload-event.ts';
import { parseQuery } from './query-event.ts';
import { DUMMY_TABLE_ID, HOLDS_ROWS, tableIdOf } from './rows-event.ts';
import { Transactions } from './transactions.ts';
import { malformed, unsupported } from './unsupported.ts';

export interface BinlogParserOptions extends LogTablesOptions {
  readonly sink: RowSink;
  readonly events: SourceEvents;
  /** Where large transactions that are not decided yet are kept. */
  readonly spillDirectory: string;
  /** Those of up to so many bytes are kept in memory. */
  readonly heldBytesMax: number;
  /** A larger event, when it is inflated, is an error. */
  readonly eventBytesMax: number;
  /** A transaction was read whole, or passed over, that ends at `place`; null for one without a GTID. */
  passed(gtid: LogGtid | null): void;
}

/**
 * Reads the events of a binlog and calls the sink, with transactions that are committed alone: outcome and xid come last, so their events
 * are held until then. It outlives connections: what was read whole stays, and a transaction that was cut off comes again from its GTID.
 *
 *   event ──► checksum, place ──► rows: held ──► commit: given to the sink, row by row
 *                                          └──► rollback: forgotten
 */
export class BinlogParser {
  private readonly options: BinlogParserOptions;
  private readonly place = new LogPlace();
  private readonly tables: LogTables;
  private readonly transactions: Transactions;
  private readonly payload: PayloadEvent;
  private hasChecksum = false;
  /** The file whose beginning was read last. */
  private formatFile = '';
  /** Where a connection goes on whose place is hard to reach. */
  private far: FarPlace | null = null;
  /** An event that waits for the catalogue: it comes again in `resume`. */
  private waiting: Uint8Array | null = null;
  /** Where everything before was read whole. */
  private wholeFile = '';
  private wholeNumber = 0;
  private wholeOffset = 0;

  constructor(options: BinlogParserOptions) {
    this.options = options;
    this.tables = new LogTables(options);
    this.payload = new PayloadEvent(options.eventBytesMax, this.place, (...event) => {
      assert(this.take(...event), 'what decides nothing is taken at once, and the catalogue of MySQL is never asked');
    });
    const mayEnd = (): boolean => !this.payload.isOpen;
    this.transactions = new Transactions({ ...options, place: this.place, tables: this.tables, mayEnd });
  }

  /** Transactions that were read whole. */
  get transactionCount(): number {
    return this.transactions.count;
  }

  /** The file of `offset`; empty before the first place was heard of. */
  get file(): string {
    return this.wholeFile;
  }

  /** Behind the last whole transaction, or an event after it: a connection goes on here. */
  get offset(): number {
    return this.wholeOffset;
  }

  /** A transaction is read that is not decided yet. */
  get isOpen(): boolean {
    return this.transactions.isOpen;
  }

  /**
   * `event` or `resume` returned false because the sink has no room. When it did and neither this nor `waitsForCatalogue` is true, others
   * are to have a turn first: call `resume` in the next one.
   */
  get sinkIsFull(): boolean {
    return this.transactions.sinkIsFull;
  }

  /** `event` or `resume` returned false because the catalogue is being asked: call `resume` once it has answered. */
  get waitsForCatalogue(): boolean {
    return this.waiting !== null;
  }

  /** Where the stream begins: everything up to there was delivered in an earlier life. */
  startAt(file: string, offset: number): void {
    this.place.moveTo(file, offset);
    this.markWhole();
    this.transactions.startAt(placeHigh(this.wholeNumber, offset), placeLow(offset));
  }

  /**
   * A new connection begins, the first or another. What was decided before it is still given to the sink: `resume` until that is done.
   * @param hasChecksum what the connection asked for; until the log says itself how its events are
   */
  reconnect(hasChecksum: boolean): void {
    this.hasChecksum = hasChecksum;
    this.waiting = null;
    this.far = null;
    this.payload.drop();
    this.transactions.drop();
    this.tables.clear();
    if (this.wholeFile !== '') this.place.moveTo(this.wholeFile, this.wholeOffset);
  }

  /** The connection goes on from there. */
  goOnAt(far: FarPlace): void {
    this.far = far;
  }

  /** Progress without rows: tells the sink of a place that it has not been told of. */
  reportIdle(): void {
    this.transactions.reportIdle(placeHigh(this.wholeNumber, this.wholeOffset), placeLow(this.wholeOffset));
  }

  /** All that was read may go on; called at the end of each chunk. */
  flush(): void {
    this.options.sink.flush();
  }

  /**
   * The whole event `bytes[start, end)`, header and checksum included, valid during the call. False when nothing may come before `resume`
   * has returned true.
   * @throws MillraceError the codes `BINLOG_...`, `SCHEMA_UNKNOWN`, `ROW_IMAGE_INVALID`, `SPILL_FAILED`, and what the sink throws
   */
  event(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < HEADER_BYTES || u32le(bytes, start + HeaderAt.length) !== end - start) {
      throw malformed(`an event of ${end - start} bytes with another length in its header`, this.place);
    }
    if (comesInParts(bytes, start)) return this.part(bytes, start, end, true);
    const type = bytes[start + HeaderAt.type]!;
    if (type === EventType.formatDescription) this.readFormat(bytes, start, end);
    let bodyEnd = end;
    if (this.hasChecksum) {
      bodyEnd -= CHECKSUM_BYTES;
      if (bodyEnd - start < HEADER_BYTES) throw malformed('an event without room for its checksum', this.place);
      checkChecksum(bytes, start, end, this.place);
    }
    if (this.goOn(type, bytes, start, end - start) && this.far?.passes(type, this.place) === true) return true;
    const isTaken = this.take(type, bytes, start, bodyEnd);
    if (!this.isOpen) this.markWhole();
    return isTaken;
  }

  /**
   * The next part of an event of which `comesInParts` is true; the first one has all fields in front of the payload. False when nothing may
   * come before `resume` has returned true, and the part stays as it is until then.
   * @param isLast nothing of the event comes any more
   * @throws MillraceError as `event`
   */
  part(bytes: Uint8Array, start: number, end: number, isLast: boolean): boolean {
    if (!this.payload.isOpen) this.beginPayload(bytes, start);
    this.payload.add(bytes, start, end, isLast);
    return this.readPayload();
  }

  /** Goes on where `event`, `part` or this returned false; true when what comes next may. */
  resume(): boolean {
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) return this.take(waiting[HeaderAt.type]!, waiting, 0, waiting.length);
    return this.payload.isOpen ? this.readPayload() : this.transactions.resume();
  }

  /** Removes what it has outside of memory. */
  close(): void {
    this.transactions.close();
    this.payload.close();
  }

  /** Moves the place, or returns false: events that the sender made, or repeats from the file's beginning, have none. */
  private goOn(type: number, bytes: Uint8Array, start: number, length: number): boolean {
    const nextOffset = u32le(bytes, start + HeaderAt.nextOffset);
    const isArtificial = (u16le(bytes, start + HeaderAt.flags) & EventFlag.artificial) !== 0;
    if (isArtificial || type === EventType.heartbeat || type === EventType.heartbeatV2) return false;
    if (nextOffset === 0 && (type === EventType.formatDescription || type === EventType.rotate)) return false;
    this.place.take(length, nextOffset);
    return true;
  }

  private markWhole(): void {
    const { place } = this;
    this.wholeFile = place.file;
    this.wholeNumber = place.fileNumber;
    this.wholeOffset = place.end;
  }

  /** Takes an event of the log, or of a payload, without its checksum. */
  private take(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (HOLDS_ROWS[type] === 1) {
      this.rows(bytes, start, end);
      return true;
    }
    switch (type) {
      case EventType.tableMap:
        return this.tableMap(bytes, start, end);
      case EventType.xid:
        return this.transactions.commit(bytes, start, new Fields(bytes, start + HEADER_BYTES, end, 'an XID event').u64());
      case EventType.mariadbGtid:
      case EventType.gtid:
      case EventType.anonymousGtid:
        this.begin(type, bytes, start, end);
        return true;
      case EventType.query:
      case EventType.queryCompressed:
      case EventType.executeLoadQuery:
        return this.query(type, bytes, start, end);
      default:
        return this.takeSeldom(type, bytes, start, end);
    }
  }

  private takeSeldom(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    switch (type) {
      case EventType.rotate:
        this.rotate(bytes, start, end);
        return true;
      case EventType.formatDescription:
        // A file begins; what another one left open ended with the server that wrote it.
        this.dropUndecided();
        this.tables.clear();
        return true;
      case EventType.xaPrepare:
        return this.transactions.prepare(bytes, start, new Fields(bytes, start + HEADER_BYTES, end, 'an XA_PREPARE event').u8() !== 0);
      case EventType.incident: {
        const message = `The server wrote an INCIDENT event at ${this.place.toString()}: it could not log some changes.`;
        throw new MillraceError('BINLOG_INCIDENT', message, { place: this.place.toString() });
      }
      default: {
        const isIgnorable = PASSED_OVER.has(type) || (u16le(bytes, start + HeaderAt.flags) & EventFlag.ignorable) !== 0;
        const isOfOthers = type === EventType.partialUpdateRows && this.tables.find(tableIdOf(bytes, start, end)) === null;
        if (isIgnorable || isOfOthers) return true;
        throw unsupported(type, this.place);
      }
    }
  }

  private tableMap(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.tables.describe(bytes, start + HEADER_BYTES, end, this.place)) return true;
    this.waiting = copyOf(bytes, start, end);
    return false;
  }

  private rows(bytes: Uint8Array, start: number, end: number): void {
    const tableId = tableIdOf(bytes, start, end);
    if (tableId === DUMMY_TABLE_ID) return;
    const table = this.tables.find(tableId);
    if (table === undefined) throw malformed(`rows of the table id ${tableId}, which was not described`, this.place);
    if (table !== null) this.transactions.hold(table, bytes, start, end);
  }

  private begin(type: number, bytes: Uint8Array, start: number, end: number): void {
    const fields = new Fields(bytes, start + HEADER_BYTES, end, 'a GTID event');
    const serverId = u32le(bytes, start + HeaderAt.serverId);
    const isMariadb = type === EventType.mariadbGtid;
    this.transactions.begin(
      isMariadb ? parseMariadbGtid(fields, serverId) : parseMysqlGtid(fields, type === EventType.anonymousGtid),
      serverId,
    );
  }

  private query(type: number, bytes: Uint8Array, start: number, end: number): boolean {
    const fields = new Fields(bytes, start + HEADER_BYTES, end, 'a QUERY event');
    const inflateMax = type === EventType.queryCompressed ? this.options.eventBytesMax : null;
    // The file's id, where its name stands in the statement, and what becomes of duplicates.
    const query = parseQuery(fields, inflateMax, type === EventType.executeLoadQuery ? 13 : 0);
    return this.transactions.statement(query, bytes, start);
  }

  private rotate(bytes: Uint8Array, start: number, end: number): void {
    const fields = new Fields(bytes, start + HEADER_BYTES, end, 'a ROTATE event');
    const offset = Number(fields.u64());
    const file = fields.text(fields.left);
    if (!Number.isSafeInteger(offset)) fields.fail('an offset that no file has');
    this.dropUndecided();
    this.place.moveTo(file, offset);
  }

  private readFormat(bytes: Uint8Array, start: number, end: number): void {
    const format = readFormat(new Fields(bytes, start + HEADER_BYTES, end, 'a FORMAT_DESCRIPTION event'));
    this.hasChecksum = format.hasChecksum;
    // A connection begins with the file that was read before, whose beginning says nothing new.
    if (format.isOfStart && this.place.file !== this.formatFile) this.transactions.forgetSessions();
    this.formatFile = this.place.file;
    this.tables.hasVectors = format.hasVectors;
  }

  private beginPayload(bytes: Uint8Array, start: number): void {
    if (this.options.flavor !== 'mysql') throw unsupported(EventType.transactionPayload, this.place);
    const type = EventType.transactionPayload;
    const hasPlace = this.goOn(type, bytes, start, u32le(bytes, start + HeaderAt.length));
    const isPassedOver = hasPlace && this.far?.passes(type, this.place) === true;
    if (!isPassedOver && !this.isOpen) throw malformed('a TRANSACTION_PAYLOAD event outside of a transaction', this.place);
    this.payload.begin(bytes, start, this.hasChecksum, isPassedOver);
  }

  /** Reads what has come of a payload; at its end it is known whether the transaction may be decided. */
  private readPayload(): boolean {
    if (!this.payload.read()) return false;
    if (!this.payload.isComplete) return true;
    const last = this.payload.finish();
    if (this.payload.isPassedOver) return true;
    const isTaken = last === null || this.take(last[HeaderAt.type]!, last, 0, last.length);
    if (!this.isOpen) this.markWhole();
    return isTaken;
  }

  /** The server that wrote a file ended in the middle of a transaction: it rolled it back when it started again. */
  private dropUndecided(): void {
    if (!this.isOpen) return;
    const place = this.place.toString();
    this.options.events.info('a transaction ends in the middle at the end of a binlog file: the server has rolled it back', { place });
    this.transactions.drop();
  }
}
