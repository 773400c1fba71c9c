import type { Position } from '../../engine/change/position.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import type { WorkKind } from './history.ts';

/** A connection of a writer. */
export interface Session {
  /** Values take the places of `$1`, `$2`, … in the statement. */
  query(sql: string, values?: readonly (string | number)[]): Promise<unknown>;
  /** Begins a transaction that leaves `attempt` in the ledger; returns by what number messages name it. */
  begin(attempt: string): Promise<number>;
  /** Inserts the rows `first` to `last`. */
  insertSeries(series: Series): Promise<void>;
  /** Adds a column to a table, or drops it, where that is still to be done; for runs with work of the kind `ddl`. */
  changeColumns?(table: string, isAdded: boolean): Promise<void>;
  /** The answer to a commit got lost: whether it happened. What is still undecided is undone. */
  wasCommitted(attempt: string, commitSent: boolean): Promise<boolean>;
  end(): Promise<void>;
}

export interface Series {
  readonly table: string;
  readonly first: number;
  readonly last: number;
  /** A row's id in terms of its number `n`. */
  readonly id: string;
  readonly version: number;
  readonly padBytes: number;
}

/** What a message says of the transaction that it belongs to; nothing in rows of a snapshot. */
export interface Named {
  readonly xid?: number;
  readonly gtid?: string;
  /** Of the row, `file:offset`. */
  readonly position?: string;
}

/**
 * The database of a run: the tables that are exported and a table `ledger` that is not, by which is found out what became of a commit
 * without an answer.
 */
export interface Ledger {
  /** What writers do, and what they do while nobody wishes for anything. */
  readonly kinds: readonly WorkKind[];
  readonly everyday: readonly WorkKind[];
  /** How the changefeed is to read it. */
  sourceOptions(workers: number): MillraceOptions;
  connect(): Promise<Session>;
  kill9(): Promise<void>;
  start(): Promise<void>;
  destroy(): Promise<void>;
  /** Ends the connection that the log is read by, once there is one; for runs that have it as a victim. */
  killStream?(): Promise<void>;
  /** Places are bytes of log. Where what is owed begins; rejects before the changefeed reads the log. */
  begin(): Promise<bigint>;
  /** Of the log by now. */
  end(): Promise<bigint>;
  /** 0 when there is no position. */
  placeOf(position: Position | null | undefined): bigint;
  /** Where each transaction's commit ends, by its number; those behind a place at least. */
  commitEnds(from?: bigint): Promise<ReadonlyMap<number, bigint>>;
  /** The number of the transaction that a message belongs to; undefined for a row of a snapshot. */
  numberOf(message: Named): number | undefined;
  /** The tables' rows: version by key. */
  tableRows(): Promise<ReadonlyMap<string, number>>;
}

/** Tables in the form of both databases, whatever else a database needs. */
export function schemaOf(tables: readonly string[]): string {
  return tables.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY, version bigint NOT NULL, pad text NOT NULL);`).join('\n');
}

/** One statement for the rows of all tables: name, id and version. */
export function selectAll(tables: readonly string[]): string {
  return tables.map((table) => `SELECT '${table}' AS name, id, version FROM ${table}`).join(' UNION ALL ');
}
