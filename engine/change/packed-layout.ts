/**
 * How the images of one version of a table are packed by their log, as far as native code must know it to find the canonical text of each
 * value, or to make it: `PackedHeader` words, then for each column its `PackedKind` and three operands, then for each label its offset and
 * length in `constants`.
 */
export interface PackedLayout {
  readonly words: Int32Array;
  readonly constants: Uint8Array;
}

export const PackedHeader = {
  /** Whether a bitmap of the columns that are present stands before that of those among them that are null. */
  isPartial: 0,
  columns: 1,
  labels: 2,
} as const;

export const PACKED_HEADER_WORDS = 3;
export const PACKED_COLUMN_WORDS = 4;
export const PACKED_LABEL_WORDS = 2;

/** Kinds of packed values; each comment names the operands, and says what the bytes are. */
export const PackedKind = {
  /** Bytes, whether signed: little-endian. */
  integer: 0,
  /** Digits, digits behind the point: groups of 9 digits, big-endian. */
  decimal: 1,
  /** Bytes. */
  float: 2,
  /** A byte: since 1900, 0 for the year 0. */
  year: 3,
  /** 5 bits of days, 4 of months, 15 of years, little-endian. */
  date: 4,
  /** Digits of a second's fraction, here and in the two that follow: sign, 10 bits of hours, 6 of minutes and of seconds, big-endian. */
  time: 5,
  /** Sign, 17 bits of months of which 13 are a year, 5 of days, 5 of hours, 6 of minutes and of seconds. */
  datetime: 6,
  /** 32 bits of seconds since 1970, whose text is in UTC. */
  timestamp: 7,
  /** Bytes: bits as a number, big-endian. */
  bits: 8,
  /** Bytes, first label, count of labels: the number of a label from 1, little-endian. */
  enum: 9,
  /** The same: a bit for each label. */
  set: 10,
  /** Bytes of the length in front: text or bytes, canonical as they are. */
  text: 11,
  /**
   * Bytes of the length in front, offset of a table in the constants: text whose bytes are characters each. For every byte the table has
   * the length of the character in UTF-8, and that in three bytes; the length is 0 for what is no such character.
   */
  mapped: 12,
  /** Bytes of the length in front: of a form that native code does not know. */
  other: 13,
  /** Bytes: the same. */
  fixed: 14,
} as const;

export const PACKED_TABLE_BYTES = 1_024;
