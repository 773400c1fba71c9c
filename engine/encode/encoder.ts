import type { RowProgram } from '../../native-bridge/row-layout.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import type { TimeOptions } from '../change/time/clock.ts';
import type { NamingStrategy } from './names.ts';

/** What a format offers a worker: row records in, message values out, bytes to bytes. */
export interface Encoder {
  /** A new version of a table; later rows name `schema.id`. Returns how native code writes the usual ones. */
  schema(record: SchemaRecord): RowProgram;
  /** Who made the rows of the stream that follow; told where the options want it (`RowSink.origin`). */
  origin(gtid: string | null, serverId: number, threadId: number): void;
  /**
   * Encodes the row record (`ring/layout.ts`) at byte `record` of `bytes`, its images canonical, into `out[position, end)`. `words` is the same memory as `bytes`.
   * @returns the end, ENCODE_FULL when `out` has no room (what was written is void), or NULL_VALUE for a message without a value
   * @throws MillraceError naming table and column for what the format cannot express
   */
  encode(bytes: Uint8Array, words: Int32Array, record: number, out: Uint8Array, position: number): number;
}

/** Results of `encode` that are no position. */
export const ENCODE_FULL = -1;
export const NULL_VALUE = -2;

/** What every format of rows as JSON can be told. */
export interface RowOptions {
  /** Whether columns that are null are written. */
  readonly nulls: boolean;
  /** Columns that are left out of the row: names, and `/regular expressions/` of whole names. */
  readonly excludeColumns: readonly string[];
  /** How `timestamptz` and `timestamp` values are written. */
  readonly times: TimeOptions;
  /** What becomes of a date of which a part is zero. */
  readonly zeroDates: 'zeros' | 'null';
}

export interface MaxwellOptions extends RowOptions {
  readonly format: 'maxwell';
  /** Whether messages have `primary_key`. */
  readonly primaryKey: boolean;
  /** Whether messages have `primary_key_columns`. */
  readonly primaryKeyColumns: boolean;
  /** What `old` of an update holds. */
  readonly old: 'key' | 'changed' | 'full';
  /** Whether messages have `xid`, `xoffset` and `commit`. */
  readonly commitInfo: boolean;
  /** Whether messages of a transaction but its last have `xoffset`. */
  readonly xoffset: boolean;
  /** The form of `position` where the places of rows are LSNs; others have the name of the log's file and the offset in it. */
  readonly position: 'none' | 'lsn' | 'decimal';
  /** Whether messages have `gtid`. */
  readonly gtid: boolean;
  /** `server_id`, or that of the server that made the transaction; null for messages without it. */
  readonly serverId: number | 'origin' | null;
  /** `thread_id`: always 0, or that of the transaction where the log tells it. */
  readonly threadId: 'none' | 'zero' | 'origin';
  /** Whether messages have `schema_id`. */
  readonly schemaId: boolean;
  /** Whether messages have `push_ts`. */
  readonly pushTimestamp: boolean;
  readonly naming: NamingStrategy;
}

export interface KvJsonOptions extends RowOptions {
  readonly format: 'kv-json';
  /** What a delete becomes: a message without a value, or an object of the key's columns. */
  readonly deletes: 'tombstone' | 'key';
}

/** Everything that a format can be told; plain data, because it crosses into the workers. */
export type EncoderOptions = MaxwellOptions | KvJsonOptions;
