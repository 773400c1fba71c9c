import { MillraceError } from '../../../base/errors.ts';
import type { ByteView } from '../../../base/byte-view.ts';

/**
 * Writes the canonical text of the value `input[start, end)` and returns its end. The room that the decoder states is sure to be there;
 * what states none asks for itself, and returns -1 when `output` is too small.
 */
export type WriteValue = (input: ByteView, start: number, end: number, output: ByteView, position: number) => number;

/** How one column's values lie in the log, and what turns one into text. */
export interface ColumnDecoder {
  /** Bytes of the length in front of each value; 0 where every value has `size` bytes. */
  readonly prefix: number;
  readonly size: number;
  /** The text of a value of `length` bytes has at most `room + growth * length`. */
  readonly room: number;
  readonly growth: number;
  readonly write: WriteValue;
}

/** What errors say of a column. */
export interface ColumnName {
  readonly table: string;
  readonly column: string;
  readonly sourceType: string;
}

/** A decoder of values that all have `size` bytes, and at most `room` of text. */
export function fixed(size: number, room: number, write: WriteValue): ColumnDecoder {
  return { prefix: 0, size, room, growth: 0, write };
}

/** A decoder of values with a length of `prefix` bytes in front, whose text is at most `growth` times as long. */
export function prefixed(prefix: number, growth: number, write: WriteValue): ColumnDecoder {
  return { prefix, size: 0, room: 0, growth, write };
}

/** Bytes of a refused value that its error shows. */
const EXCERPT_BYTES = 24;

/** Throws VALUE_INVALID for `input[start, end)`, which is no value of the column's type. `expected` says what would be. */
export function failValue(name: ColumnName, input: ByteView, start: number, end: number, expected: string): never {
  const { table, column, sourceType } = name;
  const cut = Math.min(end, start + EXCERPT_BYTES);
  const hex = Buffer.from(input.bytes.slice(start, cut)).toString('hex');
  const more = cut < end ? ` and ${end - cut} bytes more` : '';
  throw new MillraceError(
    'VALUE_INVALID',
    `column ${column} of ${table} (${sourceType}) has the bytes ${hex}${more} in the log; expected ${expected}`,
    { table, column, type: sourceType },
  );
}
