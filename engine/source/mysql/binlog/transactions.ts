import { MillraceError } from '../../../base/errors.ts';
import type { RowSink } from '../../../change/row-sink.ts';
import type { SourceEvents } from '../../source.ts';
import type { AmbiguousTypes } from './ambiguity.ts';
import { EventFlag, HeaderAt, u16le, u32le } from './event-layout.ts';
import { Group } from './group.ts';
import { formatGtid, type GroupStart, type LogGtid } from './gtid-event.ts';
import { HeldEvents } from './held-events.ts';
import { placeHigh, placeLow, type LogPlace } from './log-place.ts';
import type { LogTable, LogTables } from './log-tables.ts';
import type { QueryEvent } from './query-event.ts';
import { Replay } from './replay.ts';
import { readStatement } from './statement.ts';
import type { NamedTable } from './statement-tokens.ts';
import { TemporaryTables, type LogSession } from './temporary-tables.ts';
import { malformed } from './unsupported.ts';

export interface TransactionsOptions {
  readonly sink: RowSink;
  readonly tables: LogTables;
  /** Of the event that is being read. */
  readonly place: LogPlace;
  readonly ambiguous: AmbiguousTypes;
  readonly events: SourceEvents;
  readonly spillDirectory: string;
  readonly heldBytesMax: number;
  readonly eventBytesMax: number;
  isSelected(database: string, table: string): boolean;
  /** False while events come that another one of their transaction follows, and that may yet turn out to be none of the log. */
  mayEnd(): boolean;
  passed(gtid: LogGtid | null): void;
}

const WARNED_MAX = 100;
const NO_GTID: GroupStart = { gtid: null, isStandalone: false, isXaPrepare: false, commitMicros: null, threadId: 0 };

/** Which events belong together, what is decided of them, and who is told. */
export class Transactions {
  /** Those that were read whole. */
  count = 0;
  private readonly options: TransactionsOptions;
  private readonly place: LogPlace;
  private readonly held: HeldEvents;
  private readonly replay: Replay;
  private readonly group = new Group();
  private readonly temporary = new TemporaryTables();
  /** Tables of statements that were warned of. */
  private readonly warned = new Set<string>();

  constructor(options: TransactionsOptions) {
    this.options = options;
    this.place = options.place;
    this.held = new HeldEvents({ memoryBytes: options.heldBytesMax, directory: options.spillDirectory });
    this.replay = new Replay({ sink: options.sink, tables: options.tables, held: this.held, inflateMax: options.eventBytesMax });
  }

  /** A group of events has begun and not ended. */
  get isOpen(): boolean {
    return this.group.isOpen;
  }

  /** A decided transaction is being given to the sink. */
  get isGiving(): boolean {
    return this.replay.isRunning;
  }

  get sinkIsFull(): boolean {
    return this.replay.sinkIsFull;
  }

  /** Tells the sink of a place up to which everything was read, unless it was told of that. */
  reportIdle(high: number, low: number): void {
    const { replay } = this;
    if (this.isOpen || this.isGiving || (replay.toldHigh === high && replay.toldLow === low)) return;
    this.startAt(high, low);
    this.options.sink.idle(high, low);
  }

  /** Everything up to there was delivered. */
  startAt(high: number, low: number): void {
    this.replay.toldHigh = high;
    this.replay.toldLow = low;
  }

  /** Goes on giving; true when nothing is left to give. */
  resume(): boolean {
    return !this.replay.isRunning || this.replay.run();
  }

  /** A GTID event. */
  begin(start: GroupStart, serverId: number): void {
    if (this.group.isOpen) throw malformed('a GTID event in the middle of a transaction', this.place);
    // MariaDB writes no BEGIN: what is no single statement is a transaction.
    this.group.begin(start, serverId, start.gtid?.flavor === 'mariadb' && !start.isStandalone);
  }

  /** An event with rows of a table that is selected. */
  hold(table: LogTable, bytes: Uint8Array, start: number, end: number): void {
    const { group, place } = this;
    if (!group.isOpen || group.isStandalone) throw malformed(`rows of ${table.name} outside of a transaction`, place);
    this.held.add(table.index, placeHigh(place.fileNumber, place.start), placeLow(place.start), bytes, start, end);
  }

  /** XID, or with null a COMMIT: false when the sink has no room for all of it now. */
  commit(bytes: Uint8Array, event: number, xid: bigint | null): boolean {
    const { group, place } = this;
    if (!group.isOpen) throw malformed('a commit outside of a transaction', place);
    const { gtid, serverId, threadId } = group;
    const commitMicros = group.commitMicros ?? u32le(bytes, event + HeaderAt.time) * 1_000_000;
    this.end();
    if (this.held.size === 0) return true;
    this.replay.begin({
      xid: xid === null ? null : { high: Number(BigInt.asIntN(32, xid >> 32n)), low: Number(BigInt.asIntN(32, xid)) },
      commitMicros,
      gtid: gtid === null ? null : formatGtid(gtid),
      serverId,
      threadId,
      endHigh: placeHigh(place.fileNumber, place.end),
      endLow: placeLow(place.end),
    });
    return this.replay.run();
  }

  /** XA PREPARE: rows whose outcome comes in a later transaction, unless it prepares and commits in one. */
  prepare(bytes: Uint8Array, event: number, isOnePhase: boolean): boolean {
    if (isOnePhase) return this.commit(bytes, event, null);
    if (this.held.size > 0) {
      const message = `An XA transaction that ends at ${this.place.toString()} changed rows of selected tables. XA is not supported yet.`;
      throw new MillraceError('BINLOG_XA_UNSUPPORTED', message, { place: this.place.toString() });
    }
    this.end();
    return true;
  }

  /** A QUERY event. False as `commit`. */
  statement(query: QueryEvent, bytes: Uint8Array, event: number): boolean {
    const statement = readStatement(query.sql);
    const { threadId, database } = query;
    const session = { serverId: u32le(bytes, event + HeaderAt.serverId), threadId, database };
    const isOfSession = (u16le(bytes, event + HeaderAt.flags) & EventFlag.ofSession) !== 0;
    switch (statement.kind) {
      case 'begin':
      case 'xa-start':
        this.openAs(query.threadId, bytes, event);
        return true;
      case 'commit':
        return this.commit(bytes, event, null);
      case 'rollback':
        this.held.clear();
        this.end();
        return true;
      case 'savepoint':
        this.group.setSavepoint(statement.savepoint, this.held.size);
        return true;
      case 'rollback-to':
        this.returnTo(statement.savepoint);
        return true;
      case 'rows':
        this.refuseStatement(statement.tables && this.lasting(statement.tables, session, isOfSession), query, isOfSession);
        break;
      case 'truncate':
        this.checkMayEnd();
        this.truncate(this.lasting(statement.tables, session, isOfSession), query);
        break;
      case 'create-temporary':
        this.temporary.add(session, statement.tables);
        break;
      case 'drop-temporary':
        this.temporary.remove(session, statement.tables);
        break;
      case 'rename':
        if (!this.temporary.rename(session, statement.renames)) this.noteStatement(query);
        break;
      case 'xa-other':
      case 'other':
        this.noteStatement(query);
    }
    if (this.group.isStandalone || !this.group.hasBegun) this.end();
    return true;
  }

  /** The server has started anew. */
  forgetSessions(): void {
    this.temporary.clear();
  }

  /** Forgets what is not decided. */
  drop(): void {
    this.group.end();
    if (!this.replay.isRunning) this.held.clear();
  }

  close(): void {
    this.held.close();
  }

  private openAs(threadId: number, bytes: Uint8Array, event: number): void {
    const { group } = this;
    if (!group.isOpen) group.begin(NO_GTID, u32le(bytes, event + HeaderAt.serverId), true);
    else if (group.hasBegun) throw malformed('a BEGIN in the middle of a transaction', this.place);
    group.hasBegun = true;
    group.threadId = threadId;
  }

  private checkMayEnd(): void {
    if (!this.options.mayEnd()) throw malformed('a TRANSACTION_PAYLOAD event that goes on behind the end of its transaction', this.place);
  }

  private end(): void {
    this.checkMayEnd();
    const { gtid } = this.group;
    this.group.end();
    this.options.tables.endTransaction();
    this.count += 1;
    this.options.passed(gtid);
  }

  private returnTo(savepoint: string): void {
    const size = this.group.returnTo(savepoint);
    if (size === null) throw malformed(`a ROLLBACK TO ${savepoint} without that savepoint`, this.place);
    this.held.cut(size);
  }

  /** Those that are no temporary tables of the session. */
  private lasting(tables: readonly NamedTable[], session: LogSession, isOfSession: boolean): readonly NamedTable[] {
    return isOfSession ? tables.filter((table) => !this.temporary.has(session, table)) : tables;
  }

  private noteStatement({ sql, database, isCut }: QueryEvent): void {
    this.options.ambiguous.noteStatement(sql, database, isCut, this.place);
  }

  /** TRUNCATE of tables that rows came of is told, and has no rows. */
  private truncate(tables: readonly NamedTable[], query: QueryEvent): void {
    const { place } = this;
    const ids = tables
      .flatMap(({ database, table }) => this.options.tables.of(database ?? query.database, table))
      .flatMap(({ shownIds }) => shownIds);
    if (ids.length > 0) this.options.sink.truncate(ids, placeHigh(place.fileNumber, place.start), placeLow(place.start));
  }

  /** A statement that changes rows says nothing of which: that is an error where a table of it is selected. */
  private refuseStatement(tables: readonly NamedTable[] | null, query: QueryEvent, isOfSession: boolean): void {
    const named = tables?.find(({ database, table }) => this.isSelected(database ?? query.database, table));
    if (tables !== null && named === undefined) {
      if (tables[0] !== undefined) this.warnOfStatement(tables[0], query);
      return;
    }
    const table = named === undefined ? null : `${named.database ?? query.database}.${named.table}`;
    const place = this.place.toString();
    const message =
      `The log has a statement at ${place} that changes ${table === null ? 'rows of tables that it does not name' : `rows of ${table}`}, ` +
      'and not the rows: a session wrote it with binlog_format STATEMENT or MIXED.' +
      (isOfSession && table !== null ? ' Or it is a temporary table, made by that session before the log was read from here on.' : '');
    throw new MillraceError('BINLOG_STATEMENT_FORMAT', message, { table, place, session: query.threadId });
  }

  /** What triggers, foreign keys or a view behind the name change in selected tables is in no event: nothing here can tell. */
  private warnOfStatement(named: NamedTable, { database, threadId }: QueryEvent): void {
    const name = `${named.database ?? database}.${named.table}`;
    if (this.warned.has(name) || this.warned.size >= WARNED_MAX) return;
    this.warned.add(name);
    const place = this.place.toString();
    const message =
      `The log has a statement at ${place} that changes rows of ${name}, and not the rows: a session wrote it with binlog_format STATEMENT or MIXED. ` +
      'The table is not selected; what its triggers and foreign keys, or the statement through a view, change in selected tables is not exported.';
    this.options.events.warn('BINLOG_STATEMENT_FORMAT', message, { table: name, place, session: threadId });
  }

  /** Servers that compare names without case write them as the statement has them. */
  private isSelected(database: string, table: string): boolean {
    const { options } = this;
    return options.isSelected(database, table) || options.isSelected(database.toLowerCase(), table.toLowerCase());
  }
}
