import type { TableSchema } from '../change/table-schema.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { PlansOptions } from './plans.ts';

/** The epoch that rows go into: numbers for the row. */
export interface RowEpoch {
  readonly slot: number;
  rows: number;
}

/** What the dispatcher needs of the stream's epochs: the current one, and to be told of transactions. */
export interface RowEpochs extends RowEpoch {
  begin(nowMs: number, commitMicrosHigh: number, commitMicrosLow: number): void;
  commit(high: number, low: number): void;
  close(nowMs: number): boolean;
  age(nowMs: number): number;
}

/** What it needs of the units of a snapshot: each is an epoch of its own. */
export interface RowUnits {
  /** Begins a unit or goes on with it; null while too many wait for their delivery. */
  enter(unit: number): RowEpoch | null;
  end(unit: number): void;
  /** When the snapshot was taken, as commit times are given. */
  readonly microsHigh: number;
  readonly microsLow: number;
}

export interface DispatcherOptions extends PlansOptions {
  readonly rings: readonly RingWriter[];
  readonly epochs: RowEpochs;
  /** Null where nothing is read but the stream. */
  readonly units: RowUnits | null;
  /** Highest number of targets that the handle has. */
  readonly targets: number;
  readonly keyBytesMax: number;
  /** Messages or partitions depend on who made a transaction. */
  readonly wantsOrigin: boolean;
  /** Rows that cannot be sent go to a dead-letter topic. */
  readonly takesRefused: boolean;
  /** Largest record. */
  readonly recordBytesMax: number;
  /** What the keys may come to that are kept of a table which is read beside the stream. */
  readonly windowBytesMax: number;
  /** An epoch closes at the first commit after so many rows or milliseconds. */
  readonly epochRows: number;
  readonly epochMs: number;
  readonly now: () => number;
  /** A ring has no room for the next record: what to wait for before `source.resume()`. */
  readonly onBlocked: (ring: RingWriter, bytes: number) => void;
  readonly onTruncate: (tables: readonly TableSchema[], lsnHigh: number, lsnLow: number) => void;
}
