import type { TableSchema } from './table-schema.ts';

/**
 * The rows that were in the tables when the export began, as a checkpoint keeps track of them. Every part is cut by its key into units:
 * unit `i` holds the rows from cut `i - 1` on, up to and without cut `i`. A unit is done when the broker has acknowledged all its rows.
 */
export interface SnapshotRecord {
  readonly mode: SnapshotMode;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null until every unit is done. */
  readonly finishedAt: string | null;
  readonly tables: readonly SnapshotTable[];
}

/** Whether a stream follows: units that were read without a slot are no base for one. */
export type SnapshotMode = 'FULL' | 'FULL + INCREMENTAL';

/** A table under the name of its messages. */
export interface SnapshotTable {
  readonly oid: number;
  /** `schema.table` */
  readonly name: string;
  /** Rows acknowledged of the parts that are left out below, decimal digits. */
  readonly rows: string;
  /** Where its rows lie: itself, or its partitions. None once the whole snapshot is finished. */
  readonly parts: readonly SnapshotPart[];
}

export interface SnapshotPart {
  readonly oid: number;
  readonly name: string;
  /** Columns that the cuts speak of; of a table without a key where its rows lie. */
  readonly key: readonly string[];
  /** In ascending order, each with a text for every column of the key. */
  readonly cuts: readonly (readonly string[])[];
  /** Units that are done, `0-3,5`. */
  readonly done: string;
  /** Rows acknowledged of them, decimal digits. */
  readonly rows: string;
}

/** How much of a snapshot may be begun and not recorded: what a crash repeats. */
export interface UnitLimit {
  /** By unit: the bytes that it counts for. */
  readonly bytes: readonly number[];
  /** Of all that are under way; one is, however large. */
  readonly bytesMax: number;
}

/** A message about a table that is read, before its first row or behind its last one. */
export const Mark = { start: 0, complete: 1 } as const;
export type Mark = (typeof Mark)[keyof typeof Mark];

/** Where a source puts the rows of a snapshot: the dispatcher. As `RowSink`, but rows come in units and no transaction. */
export interface SnapshotSink {
  /** Whether the topics of a table's version are known: until then its rows are refused. */
  isPlanned(schemaId: number): boolean;
  /**
   * The rows that follow belong to this unit, whose first or later rows they are. Units come in turn, as their connections are read.
   * False: it cannot be taken now, as a row that is refused.
   */
  enterUnit(unit: number): boolean;
  /** The rows that follow are those of the stream again, in the transaction that is open there. */
  leaveUnit(): void;
  /** The unit is whole; nothing of it is taken back. */
  endUnit(unit: number): void;
  /**
   * From now on, notes what the stream does to a table, `schema.table`: its units are read beside the stream. Nothing changes where that is
   * done already.
   * @param onMoved called with a row that the stream told to have another key now, but not all of its values, before any position behind it
   */
  watch(table: string, onMoved: (row: MovedRow) => void): void;
  unwatch(table: string): void;
  /** Of a table that is watched. */
  windowOf(table: string): ReadWindow;
}

/** Where marks of units go. */
export interface MarkSink {
  /**
   * A mark in place of a row of the unit that was entered, for a version of a table that has a bootstrap.
   * False when it could not be taken now: nobody tells when it can.
   */
  give(mark: Mark, schemaId: number): boolean;
}

/** A snapshot of the source, as far as it tells transactions of the stream apart. */
export interface ShownTransactions {
  /** Whether it shows what this transaction did, which was committed. */
  shows(xid: number): boolean;
}

/** The rows of a table that are read beside the stream: those that a later change has overtaken there are left out. */
export interface ReadWindow {
  /** Rows that come from now on are as this snapshot shows them, of this version of the table; it is younger than any before. */
  show(snapshot: ShownTransactions, schema: TableSchema): void;
  /** What is left to do of the rows that have come since. */
  outcome(): WindowOutcome;
}

/** A row that may have left a part of the table that is still to be read for one that was: nobody else tells the rest of its values. */
export interface MovedRow {
  /** The texts of its new key. */
  readonly key: readonly string[];
  /** Of the transaction: a snapshot that shows it shows the row there. */
  readonly xid: number;
}

export interface WindowOutcome {
  /** Rows were left out without knowing whether they are overtaken: all are to be read again. */
  readonly isBlind: boolean;
  /** Rows that were left out although the stream has not all of their values: the texts of their keys. */
  readonly again: readonly (readonly string[])[];
}
