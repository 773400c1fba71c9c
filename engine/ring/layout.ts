import { assert } from '../base/assert.ts';

/**
 * The memory of one ring: capture's main thread writes, one encoder worker reads.
 *
 *   control (CONTROL_BYTES)                                        data (power of two)
 *   ┌──────────────┬──────────────┬───────┬──────────┬─────────┐  ┌───────┬───────┬─────┬────────────┐
 *   │ write index  │ read index   │ state │ counters │ failure │  │record │record │ pad │ record ... │
 *   │ (own line)   │ (own line)   │       │          │ (JSON)  │  └───────┴───────┴─────┴────────────┘
 *   └──────────────┴──────────────┴───────┴──────────┴─────────┘
 *
 * Indexes count bytes, run freely through 32 bits and are masked on use, so that full and empty differ and
 * `(a - b) | 0` orders any two of them that are less than 2^31 apart. Records start at multiples of 8 and never wrap:
 * a pad record fills the rest of the ring's end.
 *
 * A record larger than a quarter of the ring is written into the side area, which all rings of a capture share (`side.ts`);
 * a small reference record stands for it in the ring.
 */
export const CACHE_LINE_WORDS = 32;

/** Words of the control block. Each side writes to lines of its own. */
export const Control = {
  /** Bytes published by the writer. */
  write: 0,
  /** 1 while the writer waits for the reader to get to `writerMark` (it then wants a notify on `read`). */
  writerWaits: 1,
  /** The index at which a waiting writer is to be woken: not earlier, so that it is not woken for every batch. */
  writerMark: 2,
  /** Bytes released by the reader: everything before it has been handed to the producer and counted. */
  read: CACHE_LINE_WORDS,
  /** 1 while the reader sleeps in `Atomics.wait` on `write`. */
  readerSleeps: CACHE_LINE_WORDS + 1,
  /** A `RingState`. */
  state: 2 * CACHE_LINE_WORDS,
  /** Length in bytes of the JSON in the failure area; 0 while there is none. Written before `state` becomes `failed`. */
  failureLength: 2 * CACHE_LINE_WORDS + 1,
  /** Counters of the reader, for metrics only, each a float64 (exact up to 2^53) at index word / 2. */
  rows: 3 * CACHE_LINE_WORDS,
  valueBytes: 3 * CACHE_LINE_WORDS + 2,
  batches: 3 * CACHE_LINE_WORDS + 4,
  /** Times that a full producer queue refused the rest of a batch. */
  queueFull: 3 * CACHE_LINE_WORDS + 6,
} as const;
/** Byte offset and size of the failure area in the control block. */
export const FAILURE_OFFSET = 4 * CACHE_LINE_WORDS * 4;
export const FAILURE_BYTES = 8192;
export const CONTROL_BYTES = FAILURE_OFFSET + FAILURE_BYTES;

/** In-band life of a ring. A side that ends or dies sets it first, then wakes the other. */
export const RingState = {
  open: 0,
  /** The writer will write no more; the reader drains and exits. */
  ended: 1,
  /** The reader died; the failure area says of what. */
  failed: 2,
  /** The writer gives up: the reader exits without handing over what is left. */
  stopped: 3,
} as const;
export type RingState = (typeof RingState)[keyof typeof RingState];

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
  /** Stands for a record larger than a quarter of the ring, which lies in the side area at the offset at SIDE_OFFSET. */
  side: 3,
  /**
   * A row for the dead-letter topic: laid out as a row, but for the JSON of `RefusedText` behind its images, whose length in bytes stands
   * where a row has its size limit. Its partition is NO_PARTITION when it is not known.
   */
  refused: 4,
  /** A message about a table: laid out as a row without images, with a `Mark` where a row has its operation. */
  mark: 5,
  /** Who made the rows of the stream that follow in this ring: ids, and behind ORIGIN_HEADER_BYTES the GTID. */
  origin: 6,
} as const;

/** Byte offsets in a schema record. */
export const SCHEMA_TEXT_LENGTH = 8;
export const SCHEMA_HEADER_BYTES = 16;

/** Byte offsets in an origin record; the ids are unsigned. The length of the GTID is NO_GTID where there is none. */
export const ORIGIN_SERVER_ID = 8;
export const ORIGIN_THREAD_ID = 12;
export const ORIGIN_GTID_LENGTH = 16;
export const ORIGIN_HEADER_BYTES = 24;
export const NO_GTID = -1;

/** Length of a side reference, and where in it the record's byte offset in the side area stands. */
export const SIDE_RECORD_BYTES = 16;
export const SIDE_OFFSET = 8;

/**
 * Header of a row record, byte offsets. After it: key bytes, old image, new image, back to back.
 * All words little-endian as the machine is, the images as in `change/operation.ts` or in the form that the schema names.
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
  /** Low word; the high one is `xidHigh`. */
  xid: 28,
  /** Row's index in its transaction, from 0, after filters. */
  xoffset: 32,
  /** Length of the key in bytes; NO_KEY for a null key. */
  keyLength: 36,
  oldLength: 40,
  newLength: 44,
  /** Commit time, or the row's own where the log has that; microseconds since 1970 UTC, i64 as two words (low, high). */
  commitMicrosLow: 48,
  commitMicrosHigh: 52,
  /** Where the row lies in the log, two words (low, high): its LSN, or file number << 40 | offset (`TableSchema.logName`). */
  lsnLow: 56,
  lsnHigh: 60,
  /** Counts targets (topic-partitions) from 0 in the order in which they were dealt; groups a batch. */
  target: 64,
  /** Largest key plus value in bytes that the topic takes; 0 = unchecked. */
  sizeLimit: 68,
  /** With `xid` a two's-complement number of 64 bits. */
  xidHigh: 72,
} as const;
export const ROW_HEADER_BYTES = 80;

export const RowFlag = {
  /** Last row of its transaction. */
  commit: 1,
  /** A row that was read from its table and not from the log: it has no transaction, and the commit time is the snapshot's. */
  snapshot: 2,
  /** Of a transaction that has no xid. */
  noXid: 4,
} as const;

export const NO_KEY = 0xffffffff;
/** Of a refused row. */
export const NO_PARTITION = -1;

/** What a refused row says beside its bytes. */
export interface RefusedText {
  readonly code: string;
  readonly message: string;
  /** The key as far as the source found it, where the message's is not known. */
  readonly key: string | null;
  /** Bytes of the row where the record holds its beginning alone, as its new image; null when all of it is there. */
  readonly cutFrom: number | null;
}

/** Rounds a record's length up to the alignment of records. */
export function alignRecord(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Memory of one ring, as sent to its worker. */
export interface RingMemory {
  readonly control: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
  /** The side area, shared by all rings of a capture. */
  readonly side: SharedArrayBuffer;
}

/**
 * Allocates a ring of `bytes` (a power of two, at least 64 kB). `side` comes from the capture's `SideArea`;
 * `start` is the index at which the ring begins, a multiple of 8 as every index is.
 */
export function allocateRing(bytes: number, side: SharedArrayBuffer, start = 0): RingMemory {
  assert(bytes >= 65_536 && bytes <= 0x4000_0000 && (bytes & (bytes - 1)) === 0, 'ring size is a power of two from 64 kB to 1 GB');
  assert((start & 7) === 0, 'ring index is a multiple of 8');
  const memory = { control: new SharedArrayBuffer(CONTROL_BYTES), data: new SharedArrayBuffer(bytes), side };
  const control = new Int32Array(memory.control);
  control[Control.write] = start;
  control[Control.read] = start;
  return memory;
}

const HEADERS = [ROW_HEADER_BYTES, SCHEMA_HEADER_BYTES, ORIGIN_HEADER_BYTES, SIDE_RECORD_BYTES];
assert(
  HEADERS.every((bytes) => bytes % 8 === 0),
  'headers keep records aligned',
);
assert(Control.rows % 2 === 0 && Control.queueFull < 4 * CACHE_LINE_WORDS, 'counters are aligned and within their line');
