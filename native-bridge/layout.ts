/**
 * Layout of the memory that TypeScript and C++ share. `native-bridge/src/layout.h` is generated from this file by
 * `scripts/generate-layout.ts`, and the addon reports the digest that it was compiled with, which `binding.ts` compares at load.
 *
 * Delivery table: one SharedArrayBuffer for each capture. Words are 32 bits; 64-bit fields lie on even words.
 *
 *   header | first error | epoch slots (EPOCH_SLOTS) | targets (TARGET_SLOTS)
 */
export const LAYOUT = {
  // Header.

  /** How often an epoch's outstanding reached zero or an epoch was poisoned: moves when the main thread has something to look at. */
  HEADER_CHANGES: 2,
  /** Messages that were delivered, failed and purged, 64 bits each. */
  HEADER_DELIVERED: 4,
  HEADER_FAILED: 6,
  HEADER_PURGED: 8,
  /** 64-bit: key and value bytes delivered. */
  HEADER_BYTES: 10,
  /** 64-bit: messages that were handed to librdkafka and have no report yet. */
  HEADER_IN_FLIGHT: 12,
  HEADER_WORDS: 32,

  /** First error: the first message that failed, or before that the first one that was purged, which follows from something else. */
  ERROR_STATE: 32,
  /** librdkafka's error code (negative: local, positive: the broker's). */
  ERROR_CODE: 33,
  ERROR_TOPIC: 34,
  ERROR_PARTITION: 35,
  ERROR_TABLE: 36,
  ERROR_EPOCH_SLOT: 37,
  ERROR_ROW_IN_EPOCH: 38,
  /** Length of the key in bytes, 0xffffffff for a null key; the bytes are cut to ERROR_KEY_BYTES. */
  ERROR_KEY_LENGTH: 39,
  /** Producer handle: `ERROR_TOPIC` is an index into its topics. */
  ERROR_HANDLE: 40,
  ERROR_KEY: 41,
  ERROR_KEY_BYTES: 348,
  ERROR_END: 128,

  /** Epoch slots: EPOCH_WORDS each. */
  EPOCHS: 128,
  EPOCH_WORDS: 2,
  EPOCH_SLOTS: 4096,
  /** Messages counted and without a report yet. */
  EPOCH_OUTSTANDING: 0,
  /** Not 0 once a message of the epoch failed or was purged: nothing at or after the epoch is acknowledged. */
  EPOCH_POISONED: 1,

  /** Targets (topic-partitions): TARGET_WORDS each, 64-bit fields: last delivered offset + 1, messages, bytes. */
  TARGETS: 8320,
  TARGET_WORDS: 8,
  TARGET_SLOTS: 8192,
  TARGET_OFFSET: 0,
  TARGET_COUNT: 2,
  TARGET_BYTES: 4,
  /** Messages given to librdkafka without a report yet, 32 bits. */
  TARGET_IN_FLIGHT: 6,
  /**
   * Second of the monotonic clock, plus one, of the last acknowledgement of a message by the producer id in use; 0 while there is none,
   * and then one message of the target at most is in flight.
   */
  TARGET_ACKNOWLEDGED: 7,

  TABLE_WORDS: 73856,

  /** States of the first error: nothing yet, being written, and readable as one that a failure may still replace, or for good. */
  ERROR_NONE: 0,
  ERROR_WRITING: 1,
  ERROR_OF_PURGE: 2,
  ERROR_OF_FAILURE: 3,

  /** Message descriptor, words: offsets are into the views that the worker attached. */
  MESSAGE_WORDS: 8,
  /** Offset of the key in the key view. */
  MESSAGE_KEY_OFFSET: 0,
  /** 0xffffffff for a null key. */
  MESSAGE_KEY_LENGTH: 1,
  MESSAGE_VALUE_OFFSET: 2,
  /** 0xffffffff for a null value (tombstone). */
  MESSAGE_VALUE_LENGTH: 3,
  MESSAGE_TOPIC: 4,
  MESSAGE_PARTITION: 5,
  /** Opaque: low word row in epoch, high word epoch slot << 16 | table id. */
  MESSAGE_OPAQUE_LOW: 6,
  MESSAGE_OPAQUE_HIGH: 7,
  NULL_LENGTH: 0xffffffff,

  /** Control words of a socket reader, those of either side on a cache line of their own. Indexes count bytes and wrap. */
  SOCKET_READ: 0,
  SOCKET_WRITTEN: 16,
  /** 0 while the socket is open, -1 after its orderly end, else the errno of a read. */
  SOCKET_END: 17,
  /** Not 0 while the thread waits for room. */
  SOCKET_WAITS: 18,
  /** Not 0 once the other side was seen to be gone while there was no room for its last bytes. */
  SOCKET_HUNG_UP: 19,
  SOCKET_WORDS: 32,

  /** State of a zstd reader: where it reads and writes next, and whether what it has read ends with a frame. */
  ZSTD_READ: 0,
  ZSTD_WRITTEN: 1,
  ZSTD_WHOLE: 2,
  ZSTD_WORDS: 3,
} as const;
