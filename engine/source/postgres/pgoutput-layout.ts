import type { TableSchema } from '../../change/table-schema.ts';

/** Bodies of CopyData: XLogData `w` (start u64, end u64, time i64, then pgoutput), keepalive `k` (end u64, time i64, reply u8). */
export const XLOG_DATA = 0x77;
export const XLOG_HEADER_BYTES = 25;
export const KEEPALIVE = 0x6b;
export const KEEPALIVE_BYTES = 18;

/** Types of pgoutput's messages, protocol version 1 (PostgreSQL manual 55.9). */
export const BEGIN = 0x42;
export const COMMIT = 0x43;
export const RELATION = 0x52;
export const TYPE = 0x59;
export const INSERT = 0x49;
export const UPDATE = 0x55;
export const DELETE = 0x44;
export const TRUNCATE = 0x54;
export const ORIGIN = 0x4f;
export const LOGICAL_MESSAGE = 0x4d;

/** Begin: final LSN u64, commit time i64, xid u32, after the type. */
export const BEGIN_BYTES = 21;
/** Commit: flags u8, commit LSN u64, end LSN u64, commit time i64, after the type. */
export const COMMIT_BYTES = 26;

/** What kind of tuple follows. */
export const NEW_TUPLE = 0x4e;
export const OLD_KEY = 0x4b;
export const OLD_FULL = 0x4f;

/** A table of the stream, as its rows need it. */
export interface StreamTable {
  readonly name: string;
  /** Null when its rows are not wanted. */
  readonly schema: TableSchema | null;
  readonly schemaId: number;
  readonly columnCount: number;
}
