/** What happened to a row. */
export const Operation = { insert: 0, update: 1, delete: 2 } as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** Which old image a row carries. */
export const OldImage = {
  none: 0,
  /** Key columns, every other column null (pgoutput `K`). */
  key: 1,
  /** All columns (pgoutput `O`). */
  full: 2,
} as const;
export type OldImage = (typeof OldImage)[keyof typeof OldImage];

/**
 * State of one column in a row image. A row image is
 * `u16 column count`, then for each column `u8 state` and, for `value`, `u32 length` and that many canonical bytes; integers big-endian.
 * It is pgoutput's TupleData byte for byte (but for `absent`), so PostgreSQL rows are copied once and never rebuilt. A source with a log of
 * another form copies rows in that (`row-form.ts`).
 */
export const ColumnState = {
  /** `n` */
  null: 0x6e,
  /** `u`: an out-of-line value that the statement did not touch. */
  unchanged: 0x75,
  /** `a`: a column that the log left out of this image: in a new one it is unchanged, in an old one it is not known. */
  absent: 0x61,
  /** `t` */
  value: 0x74,
} as const;
