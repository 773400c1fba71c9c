import { ColumnState } from '../operation.ts';
import { failImage, NULL_COLUMN, RowImage, UNCHANGED_COLUMN } from '../row-image.ts';
import type { TableSchema } from '../table-schema.ts';
import type { ByteView } from '../../base/byte-view.ts';
import { jsonString, toWords } from './constant.ts';
import { writeNull } from './null.ts';
import { copyShortNumber, withoutZeros } from './number.ts';
import { JsonForm, PLAIN_VALUES, planValue, type ValuePlan, type ValueStyle } from './plan.ts';
import { CLOCK_BYTES_MIN, closeTime, endsInUtc } from './time.ts';
import { writeValue } from './value.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** No date takes so few. */
const NULL_BYTES = 4;

/**
 * Forms whose text mostly goes out as it came, so that a row copies it without a call: see `write`. `maybeNull`: a value that can come out
 * null, in rows without nulls.
 */
const Lane = { number: 0, shortDecimal: 1, text: 2, time: 3, timestamptz: 4, none: 5, maybeNull: 6, excluded: 7 } as const;

/** How a format and its options want their rows. */
export interface RowStyle {
  readonly values: ValueStyle;
  /** Whether columns that are null are written. */
  readonly nulls: boolean;
  /** Columns that are left out, by the table's names for them. */
  readonly isExcluded: (column: string) => boolean;
  /** What a column is called in messages. */
  readonly nameOf: (column: string) => string;
}

/** Every column under its own name, as the source prints it. */
export const PLAIN_ROWS: RowStyle = { values: PLAIN_VALUES, nulls: true, isExcluded: () => false, nameOf: (column) => column };

/**
 * Writes the row images of one version of a table as JSON objects, columns in their order: the inner loop of every JSON format.
 *
 * Before each value stands a constant, `,"column":"`. Its comma becomes the opening brace in front of the first column, its last quote
 * is overwritten when the value is no string. Constants are stored 8 bytes at a time and values 4 bytes at a time, so up to 7 bytes
 * beyond the end are written too.
 */
export class RowObject {
  readonly values: readonly ValuePlan[];
  /** Bytes of all constants together. */
  readonly namesLength: number;
  private readonly table: string;
  private readonly nulls: boolean;
  private readonly lanes: Uint8Array;
  /** All constants, each from a word of its own on. */
  private readonly names: Float64Array;
  private readonly nameWord: Int32Array;
  private readonly nameLength: Int32Array;
  private readonly oldImage: RowImage;

  constructor(schema: TableSchema, style: RowStyle) {
    const { columns } = schema;
    this.values = columns.map((column) => planValue(schema, column, style.values));
    this.table = `${schema.schema}.${schema.table}`;
    this.nulls = style.nulls;
    this.lanes = Uint8Array.from(columns, ({ name }, i) => (style.isExcluded(name) ? Lane.excluded : laneOf(this.values[i]!, style.nulls)));
    this.nameWord = new Int32Array(columns.length);
    this.nameLength = new Int32Array(columns.length);
    const names = columns.map((column) => Buffer.concat([Buffer.of(COMMA), jsonString(style.nameOf(column.name)), Buffer.from(':"')]));
    let words = 0;
    for (const [i, name] of names.entries()) {
      this.nameWord[i] = words;
      this.nameLength[i] = name.length;
      words += (name.length + 7) >> 3;
    }
    this.names = new Float64Array(words);
    for (const [i, name] of names.entries()) this.names.set(toWords(name), this.nameWord[i]);
    this.namesLength = names.reduce((sum, name) => sum + name.length, 0);
    this.oldImage = new RowImage(this.table, columns.length);
  }

  /**
   * Writes the image `input[start, end)`. A column that is unchanged TOAST is taken from the old image `input[oldStart, oldEnd)` when that
   * has its value, one that the log left out when that has it or its null; else it is left out.
   *
   * Most values are numbers and plain text. Text is copied here, 4 bytes at a time, while a few operations on the same word tell whether
   * any of the 4 needs care (`needsEscape`); then, and for all other kinds, `writeValue` writes the value from its start. In one function
   * on purpose: calls for each value make a row take a quarter longer, or more where the compiler does not inline them.
   * @throws MillraceError ROW_IMAGE_INVALID, VALUE_INVALID
   */
  write(input: ByteView, start: number, end: number, oldStart: number, oldEnd: number, output: ByteView, position: number): number {
    const { lanes, names, nameWord, nameLength } = this;
    const { bytes, view: from } = input;
    const { bytes: out, view: to } = output;
    const count = lanes.length;
    if (end - start < 2 || from.getUint16(start) !== count) failImage(this.table, count, start, end, start);
    let at = start + 2;
    let p = position;
    for (let column = 0; column < count; column++) {
      if (at + 5 > end || bytes[at] !== ColumnState.value) {
        p = this.writeAbsent(column, input, start, at, end, oldStart, oldEnd, output, p);
        at++;
        continue;
      }
      const length = from.getInt32(at + 1);
      const first = at + 5;
      at = first + length;
      if (length < 0 || at > end) failImage(this.table, count, start, end, first);
      const lane = lanes[column]!;
      if (lane === Lane.excluded) continue;

      const value = p + nameLength[column]!;
      for (let word = nameWord[column]!; p < value; p += 8) to.setFloat64(p, names[word++]!, true);
      if (lane <= Lane.shortDecimal) {
        p = copyShortNumber(bytes, first, at, out, value - 1);
        if (p >= 0) {
          if (lane === Lane.shortDecimal) p = withoutZeros(out, value - 1, p);
          continue;
        }
      } else if (lane < Lane.none && at + 4 <= bytes.length) {
        const stop = lane === Lane.timestamptz ? at - 3 : at;
        p = value;
        let care = 0;
        let i = first;
        for (const last = stop - 4; i <= last; i += 4, p += 4) {
          const word = from.getInt32(i, true);
          care = (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080;
          if (care !== 0) break;
          to.setInt32(p, word, true);
        }
        if (i < stop && care === 0) {
          const word = from.getInt32(i, true);
          to.setInt32(p, word, true);
          const rest = stop - i;
          const mask = -1 >>> (32 - 8 * rest);
          const known = (word & mask) | (0x30303030 & ~mask);
          care = (((known ^ 0x02020202) - 0x21212121) | ((known ^ 0x5c5c5c5c) - 0x01010101) | known) & 0x80808080;
          p += rest;
        }
        if (care === 0) {
          if (lane === Lane.text) {
            out[p++] = QUOTE;
            continue;
          }
          if (stop - first >= CLOCK_BYTES_MIN && (lane === Lane.time || endsInUtc(bytes, first, at))) {
            p = closeTime(bytes, stop, output, p);
            if (p >= 0) continue;
          }
        }
      }
      p = writeValue(this.values[column]!, input, first, at, output, value - 1);
      if (lane === Lane.maybeNull && p === value + NULL_BYTES - 1) p = value - nameLength[column]!;
    }
    if (at !== end) failImage(this.table, count, start, end, at);
    return closeObject(out, position, p);
  }

  /** Writes one column, with a comma before it, from an image that has been located, unless it is not in it or the style leaves it out. */
  writeColumn(column: number, image: RowImage, input: ByteView, output: ByteView, position: number): number {
    const length = image.lengths[column]!;
    if (length <= UNCHANGED_COLUMN || this.lanes[column] === Lane.excluded) return position;
    if (length === NULL_COLUMN && !this.nulls) return position;
    const value = this.writeName(column, output, position);
    if (length === NULL_COLUMN) return writeNull(output, value);
    const start = image.starts[column]!;
    const end = writeValue(this.values[column]!, input, start, start + length, output, value);
    return this.lanes[column] === Lane.maybeNull && end === value + NULL_BYTES ? position : end;
  }

  /** Whether the style leaves the column out. */
  isExcluded(column: number): boolean {
    return this.lanes[column] === Lane.excluded;
  }

  /** A column without a value in the image: null, unchanged TOAST, or left out of the log. */
  private writeAbsent(
    column: number,
    input: ByteView,
    start: number,
    at: number,
    end: number,
    oldStart: number,
    oldEnd: number,
    output: ByteView,
    position: number,
  ): number {
    const state = at < end ? input.bytes[at]! : 0;
    const isWanted = this.lanes[column] !== Lane.excluded;
    if (state === ColumnState.null) {
      return isWanted && this.nulls ? writeNull(output, this.writeName(column, output, position)) : position;
    }
    if (state !== ColumnState.unchanged && state !== ColumnState.absent) failImage(this.table, this.lanes.length, start, end, at);
    if (oldStart === oldEnd || !isWanted) return position;
    this.oldImage.locate(input, oldStart, oldEnd, column + 1);
    // Null in a key image says nothing of a column outside the key, and a null column is never out of line.
    const isKnown = state === ColumnState.absent || this.oldImage.lengths[column]! >= 0;
    return !isKnown ? position : this.writeColumn(column, this.oldImage, input, output, position);
  }

  private writeName(column: number, output: ByteView, position: number): number {
    const value = position + this.nameLength[column]! - 1;
    for (let at = position, word = this.nameWord[column]!; at < value; at += 8) output.view.setFloat64(at, this.names[word++]!, true);
    return value;
  }
}

/** Makes an object of what was written from `start` to `position`, columns with a comma before each. */
export function closeObject(out: Uint8Array, start: number, position: number): number {
  if (position === start) position++;
  out[start] = OPEN;
  out[position] = CLOSE;
  return position + 1;
}

function laneOf(plan: ValuePlan, nulls: boolean): number {
  switch (plan.form) {
    case JsonForm.dateOrNull:
      return nulls ? Lane.none : Lane.maybeNull;
    case JsonForm.number:
      return Lane.number;
    case JsonForm.shortDecimal:
      return Lane.shortDecimal;
    case JsonForm.text:
      return Lane.text;
    case JsonForm.time:
      return Lane.time;
    case JsonForm.timestamptz:
      return Lane.timestamptz;
    default:
      return Lane.none;
  }
}
