import { assert } from '../base/assert.ts';

/**
 * The memory of one ring: capture's main thread writes, one encoder worker reads.
 *
 *   control (CONTROL_BYTES)                                 data (power of two)
 *   ┌──────────────┬──────────────┬────────┬────────────┐  ┌───────┬───────┬─────┬───────────────┐
 *   │ write index  │ read index   │ state  │ counters   │  │record │record │ pad │ record ...    │
 *   │ (own line)   │ (own line)   │        │            │  └───────┴───────┴─────┴───────────────┘
 *   └──────────────┴──────────────┴────────┴────────────┘
 *
 * Indexes count bytes, run freely through 32 bits and are masked on use, so that full and empty differ and
 * `(a - b) | 0` orders any two of them that are less than 2^31 apart. Records start at multiples of 8 and never wrap:
 * a pad record fills the rest of the ring's end.
 */
export const CACHE_LINE_WORDS = 32;

/** Words of the control block. Everything another thread waits for lies on a line of its own. */
export const Control = {
  /** Bytes published by the writer. */
  write: 0,
  /** 1 while the writer waits for room (it then wants a notify on `read`). */
  writerWaits: 1,
  /** Bytes released by the reader: everything before it has been handed to the producer and counted. */
  read: CACHE_LINE_WORDS,
  /** 1 while the reader sleeps in `Atomics.wait` on `write`. */
  readerSleeps: CACHE_LINE_WORDS + 1,
  /** A `RingState`. */
  state: 2 * CACHE_LINE_WORDS,
  /** 64-bit counters of the reader, for metrics only (BigInt64 index = word / 2). */
  rows: 3 * CACHE_LINE_WORDS,
  valueBytes: 3 * CACHE_LINE_WORDS + 2,
  batches: 3 * CACHE_LINE_WORDS + 4,
} as const;
export const CONTROL_BYTES = 4 * CACHE_LINE_WORDS * 4;

/** In-band life of a ring. A side that ends or dies sets it first, then wakes the other. */
export const RingState = {
  open: 0,
  /** The writer will write no more; the reader drains and exits. */
  ended: 1,
  /** The reader died; details follow as a message of its thread. */
  failed: 2,
} as const;

/** The first word of every record: total length in bytes, this header and the padding to 8 included. */
export const RECORD_LENGTH = 0;
/** Second word: kind in the low byte; for rows the operation, old image and flags in the next three. */
export const RECORD_KIND = 4;

export const RecordKind = {
  /** Fills the end of the data area; nothing but length and kind. */
  pad: 0,
  row: 1,
  /** A schema that later rows use: JSON of `SchemaRecord` after SCHEMA_HEADER_BYTES, its exact length at SCHEMA_TEXT_LENGTH. */
  schema: 2,
  /** Stands for a record larger than a quarter of the ring, whose bytes came as a SharedArrayBuffer by the port: word 2 is its id. */
  side: 3,
} as const;

/** Byte offset of a schema record's text length, and where the text begins. */
export const SCHEMA_TEXT_LENGTH = 8;
export const SCHEMA_HEADER_BYTES = 16;

/** Length of a side reference in the ring: header, the id, padding. */
export const SIDE_RECORD_BYTES = 16;

/**
 * Header of a row record, byte offsets. After it: key bytes, old image, new image, back to back.
 * All words little-endian as the machine is, the images as in `change/operation.ts`.
 */
export const Row = {
  /** u8 at RECORD_KIND + 1: `Operation`. */
  operation: 5,
  /** u8: `OldImage`. */
  oldImage: 6,
  /** u8: `RowFlag` bits. */
  flags: 7,
  schemaId: 8,
  /** Index of the topic in the producer handle. */
  topic: 12,
  partition: 16,
  /** Row's number within its epoch. */
  rowInEpoch: 20,
  /** Epoch slot << 16 | table id: the high word of the message's opaque. */
  epochAndTable: 24,
  xid: 28,
  /** Row's index in its transaction, from 0, after filters. */
  xoffset: 32,
  /** Length of the key in bytes; NO_KEY for a null key. */
  keyLength: 36,
  oldLength: 40,
  newLength: 44,
  /** Commit time, microseconds since 1970 UTC, i64 as two words (low, high). */
  commitMicrosLow: 48,
  commitMicrosHigh: 52,
  /** The row's own LSN (PostgreSQL) as two words (low, high). */
  lsnLow: 56,
  lsnHigh: 60,
  /** Counts targets (topic-partitions) from 0 in the order in which they were dealt; groups a batch. */
  target: 64,
  /** Largest value in bytes that the topic takes together with this key; 0 = unchecked. */
  sizeLimit: 68,
} as const;
export const ROW_HEADER_BYTES = 72;

export const RowFlag = {
  /** Last row of its transaction. */
  commit: 1,
} as const;

export const NO_KEY = 0xffffffff;

/** Rounds a record's length up to the alignment of records. */
export function alignRecord(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Memory of one ring, as sent to its worker. */
export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** Allocates a ring of `bytes` (a power of two, at least 64 kB). */
export function allocateRing(bytes: number): RingMemory {
  assert(bytes >= 65_536 && (bytes & (bytes - 1)) === 0, 'ring size is a power of two of at least 64 kB');
  return { control: new SharedArrayBuffer(CONTROL_BYTES), data: new SharedArrayBuffer(bytes) };
}

assert(ROW_HEADER_BYTES % 8 === 0, 'row header keeps records aligned');
assert(Control.valueBytes % 2 === 0 && Control.rows % 2 === 0, '64-bit counters are aligned');
