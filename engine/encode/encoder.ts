import type { SchemaRecord } from '../change/schema-record.ts';

/** What a format offers a worker: row records in, message values out, bytes to bytes. */
export interface Encoder {
  /** A new version of a table; later rows name `schema.id`. */
  schema(record: SchemaRecord): void;
  /**
   * Encodes the row record (`ring/layout.ts`) at byte `record` of `bytes` into `out[position, end)`. `words` is the same memory as `bytes`.
   * @returns the end, ENCODE_FULL when `out` has no room (what was written is void), or NULL_VALUE for a message without a value
   * @throws MillraceError naming table and column for what the format cannot express
   */
  encode(bytes: Uint8Array, words: Int32Array, record: number, out: Uint8Array, position: number): number;
}

/** Results of `encode` that are no position. */
export const ENCODE_FULL = -1;
export const NULL_VALUE = -2;

/** Everything that a format can be told; plain data, because it crosses into the workers. */
export interface EncoderOptions {
  readonly format: 'maxwell';
  /** Whether messages have `primary_key`. */
  readonly primaryKey: boolean;
  /** What `old` of an update holds. */
  readonly old: 'key' | 'changed' | 'full';
  /** Whether messages of a transaction but its last have `xoffset`. */
  readonly xoffset: boolean;
}
