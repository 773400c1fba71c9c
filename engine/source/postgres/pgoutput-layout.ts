import type { TableSchema } from '../../change/table-schema.ts';
import type { SignalReader } from './signals.ts';

/** Bodies of CopyData, by their first byte (PostgreSQL manual 55.4). */
export const Frame = {
  /** Start u64, end u64, time i64, then a pgoutput message. */
  xlogData: 0x77,
  /** End u64, time i64, reply u8. */
  keepalive: 0x6b,
} as const;
export const XLOG_HEADER_BYTES = 25;
export const KEEPALIVE_BYTES = 18;

/** pgoutput's messages, protocol version 1, by their first byte (PostgreSQL manual 55.9). */
export const Pgoutput = {
  /** Final LSN u64, commit time i64, xid u32. */
  begin: 0x42,
  /** Flags u8, commit LSN u64, end LSN u64, commit time i64. */
  commit: 0x43,
  relation: 0x52,
  type: 0x59,
  /** Relation id u32, tuples. */
  insert: 0x49,
  update: 0x55,
  delete: 0x44,
  /** Count u32, options u8, relation ids u32. */
  truncate: 0x54,
  origin: 0x4f,
  message: 0x4d,
} as const;
export const BEGIN_BYTES = 21;
export const COMMIT_BYTES = 26;

/** What kind of tuple follows. */
export const Tuple = { new: 0x4e, oldKey: 0x4b, oldFull: 0x4f } as const;

/** Microseconds from 1970 to 2000, where PostgreSQL's time begins, in two words. */
const EPOCH_MICROS = 946_684_800_000_000n;
export const EPOCH_HIGH = Number(EPOCH_MICROS >> 32n);
export const EPOCH_LOW = Number(EPOCH_MICROS & 0xffff_ffffn);

/** A table of the stream, as its rows need it. */
export interface StreamTable {
  readonly name: string;
  /** Null when its rows are not wanted. */
  readonly schema: TableSchema | null;
  readonly schemaId: number;
  readonly columnCount: number;
  /** Takes the inserted rows of the signal table, which are not exported; null for every other table. */
  readonly signal: SignalReader | null;
}

export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}

/** The relations of a Truncate message, its type left out, as signed words; null when count and length do not fit. */
export function truncatedRelations(bytes: Uint8Array, at: number, end: number): number[] | null {
  const count = end - at < 5 ? -1 : u32(bytes, at);
  if (end - at !== 5 + 4 * count) return null;
  return Array.from({ length: count }, (_, index) => i32(bytes, at + 5 + 4 * index));
}
