import { MillraceError } from '../base/errors.ts';
import type { ByteView } from '../base/byte-view.ts';
import { ColumnState } from './operation.ts';

/** In `RowImage.lengths`, besides the length of a value in bytes. */
export const NULL_COLUMN = -1;
export const UNCHANGED_COLUMN = -2;
/** Below UNCHANGED_COLUMN: of a new image both say that the old value still holds, wherever that is known. */
export const ABSENT_COLUMN = -3;

/** Bytes in front of a value: its state and length. */
const VALUE_HEADER = 5;

/** Where the columns of one row image (`change/operation.ts`) lie. Filled again for each row that needs it: a cursor, not a row. */
export class RowImage {
  /** By column: index of the value's first byte, where it has one. */
  readonly starts: Int32Array;
  /** By column: length in bytes, NULL_COLUMN, UNCHANGED_COLUMN or ABSENT_COLUMN. */
  readonly lengths: Int32Array;
  private readonly table: string;

  /** For images of `columns` columns. `table` is for errors. */
  constructor(table: string, columns: number) {
    this.table = table;
    this.starts = new Int32Array(columns);
    this.lengths = new Int32Array(columns);
  }

  /**
   * Finds the first `count` columns of the image `input[start, end)`.
   * @throws MillraceError ROW_IMAGE_INVALID when the image is no such image; what lies behind the last wanted column is not looked at
   */
  locate(input: ByteView, start: number, end: number, count: number): void {
    const { bytes, view } = input;
    const { starts, lengths } = this;
    if (end - start < 2 || view.getUint16(start) !== lengths.length) failImage(this.table, lengths.length, start, end, start);
    let at = start + 2;
    for (let column = 0; column < count; column++) {
      const state = at < end ? bytes[at]! : 0;
      if (state === ColumnState.value && at + VALUE_HEADER <= end) {
        const length = view.getInt32(at + 1);
        at += VALUE_HEADER;
        if (length < 0 || length > end - at) failImage(this.table, lengths.length, start, end, at);
        starts[column] = at;
        lengths[column] = length;
        at += length;
      } else {
        if (state === ColumnState.null) lengths[column] = NULL_COLUMN;
        else if (state === ColumnState.unchanged) lengths[column] = UNCHANGED_COLUMN;
        else if (state === ColumnState.absent) lengths[column] = ABSENT_COLUMN;
        else failImage(this.table, lengths.length, start, end, at);
        at++;
      }
    }
    if (count === lengths.length && at !== end) failImage(this.table, lengths.length, start, end, at);
  }
}

/** Whether one column has the same text in two images of `bytes` that have been located, or the same lack of one. */
export function hasSameValue(bytes: Uint8Array, one: RowImage, other: RowImage, column: number): boolean {
  const length = one.lengths[column]!;
  if (length !== other.lengths[column]!) return false;
  const start = one.starts[column]!;
  const otherStart = other.starts[column]!;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}

/** Throws ROW_IMAGE_INVALID for the image [start, end) of a row of `table`, wrong at byte `at`. */
export function failImage(table: string, columns: number, start: number, end: number, at: number): never {
  throw new MillraceError(
    'ROW_IMAGE_INVALID',
    `a row image of ${table} with ${end - start} bytes does not hold its ${columns} columns: wrong at byte ${at - start}`,
    { table, columns, bytes: end - start, at: at - start },
  );
}
