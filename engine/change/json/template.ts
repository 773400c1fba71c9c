import { MillraceError } from '../../base/errors.ts';
import { NULL_COLUMN, RowImage, UNCHANGED_COLUMN } from '../row-image.ts';
import type { TableSchema } from '../table-schema.ts';
import { VALUE_FACTOR, VALUE_OVERHEAD, valueBound } from './bound.ts';
import { copyBytes, type ByteView } from '../../base/byte-view.ts';
import { Constant, CONSTANT_SLACK, writeConstant } from './constant.ts';
import { writeNull } from './null.ts';
import { copyShortNumber } from './number.ts';
import { JsonForm, PLAIN_VALUES, planValue, type ValuePlan, type ValueStyle } from './plan.ts';
import { writeValue } from './value.ts';

const COMMA = 0x2c;
const SPACE = 0x20;

/** Forms whose JSON is a string of characters that need no escape. */
const QUOTED: readonly JsonForm[] = [JsonForm.time, JsonForm.timestamptz, JsonForm.bytes, JsonForm.date, JsonForm.rawBytes];

/** What a template does about a value that the server did not send: refuse the row, or write null. */
export type Missing = 'error' | 'null';

/**
 * Constant bytes with the values of some columns between them: a message key, a list of key values, a row of which only the key is known.
 * `locate` finds the values of a row, `write` writes it.
 */
export class Template {
  private readonly table: string;
  readonly columns: Int32Array;
  private readonly plans: readonly ValuePlan[];
  /** One more than columns. */
  readonly constants: readonly Constant[];
  /** Bytes of all constants, and what the last one may write beyond its end. */
  readonly constantBytes: number;
  readonly missing: Missing;
  /** How many columns of an image are looked at. */
  private readonly reach: number;
  private readonly image: RowImage;
  private readonly oldImage: RowImage;
  private readonly starts: Int32Array;
  /** NULL_COLUMN where there is no value. */
  private readonly ends: Int32Array;

  /** `constants[i]` goes before the value of `columns[i]`, the last one after all values. */
  constructor(
    schema: TableSchema,
    columns: readonly number[],
    constants: readonly Uint8Array[],
    missing: Missing,
    style: ValueStyle = PLAIN_VALUES,
  ) {
    this.table = `${schema.schema}.${schema.table}`;
    this.columns = Int32Array.from(columns);
    this.plans = columns.map((column) => planValue(schema, schema.columns[column]!, style));
    this.constants = constants.map((bytes) => new Constant(bytes));
    this.constantBytes = constants.reduce((sum, bytes) => sum + bytes.length, CONSTANT_SLACK);
    this.missing = missing;
    this.reach = Math.max(-1, ...columns) + 1;
    this.image = new RowImage(this.table, schema.columns.length);
    this.oldImage = new RowImage(this.table, schema.columns.length);
    this.starts = new Int32Array(columns.length);
    this.ends = new Int32Array(columns.length);
  }

  /**
   * Finds the values in the image `input[start, end)`. The server leaves out an unchanged value that is stored out of line; then it sends
   * the old value, which is the same, in the old image `input[oldStart, oldEnd)`.
   * @returns an upper bound of the bytes that `write` writes, cheap and wide
   * @throws MillraceError ROW_IMAGE_INVALID; KEY_COLUMN_UNKNOWN when a value is in neither image and must be there
   */
  locate(input: ByteView, start: number, end: number, oldStart: number, oldEnd: number): number {
    const { columns, starts, ends, image } = this;
    image.locate(input, start, end, this.reach);
    let length = 0;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const source = image.lengths[column]! >= 0 ? image : this.locateOld(i, input, oldStart, oldEnd);
      if (source === null) {
        ends[i] = NULL_COLUMN;
        continue;
      }
      starts[i] = source.starts[column]!;
      ends[i] = starts[i]! + source.lengths[column]!;
      length += source.lengths[column]!;
    }
    return this.constantBytes + columns.length * VALUE_OVERHEAD + length * VALUE_FACTOR;
  }

  /** A close upper bound of the bytes that `write` writes, found by reading the values. */
  bound(input: ByteView): number {
    let sum = this.constantBytes;
    for (let i = 0; i < this.plans.length; i++)
      sum += valueBound(this.plans[i]!, input, this.starts[i]!, Math.max(this.starts[i]!, this.ends[i]!));
    return sum;
  }

  /** Writes what was located and returns its end. */
  write(input: ByteView, output: ByteView, position: number): number {
    const { constants, plans, starts, ends } = this;
    let p = position;
    for (let i = 0; i < plans.length; i++) {
      p = writeConstant(constants[i]!, output, p);
      if (ends[i] === NULL_COLUMN) {
        p = writeNull(output, p);
        continue;
      }
      const plan = plans[i]!;
      const end = plan.form === JsonForm.number ? copyShortNumber(input.bytes, starts[i]!, ends[i]!, output.bytes, p) : -1;
      p = end < 0 ? writeValue(plan, input, starts[i]!, ends[i]!, output, p) : end;
    }
    return writeConstant(constants[plans.length]!, output, p);
  }

  /**
   * Writes the values that were located and nothing else, one behind the other, and returns the end: each as it stands in JSON, a string
   * without its quotes and escapes, a set as Java prints a list; null leaves nothing. `bound` holds for it too.
   */
  writeTexts(input: ByteView, output: ByteView, position: number): number {
    const { plans, starts, ends } = this;
    let p = position;
    for (let i = 0; i < plans.length; i++) {
      if (ends[i] === NULL_COLUMN) continue;
      const { form } = plans[i]!;
      if (form === JsonForm.number || form === JsonForm.text) {
        copyBytes(input, starts[i]!, ends[i]!, output, p);
        p += ends[i]! - starts[i]!;
        continue;
      }
      if (form === JsonForm.set) {
        p = writeSetText(input, starts[i]!, ends[i]!, output, p);
        continue;
      }
      const end = writeValue(plans[i]!, input, starts[i]!, ends[i]!, output, p);
      const isQuoted = QUOTED.includes(form);
      if (isQuoted) output.bytes.copyWithin(p, p + 1, end - 1);
      p = isQuoted ? end - 2 : end;
    }
    return p;
  }

  private locateOld(i: number, input: ByteView, oldStart: number, oldEnd: number): RowImage | null {
    const column = this.columns[i]!;
    const unchanged = this.image.lengths[column]! <= UNCHANGED_COLUMN;
    if (unchanged && oldStart !== oldEnd) {
      this.oldImage.locate(input, oldStart, oldEnd, column + 1);
      if (this.oldImage.lengths[column]! >= 0) return this.oldImage;
    }
    if (this.missing === 'null') return null;
    const name = this.plans[i]!.column;
    const sent = sentInPlace(this.image.lengths[column]!);
    throw new MillraceError(
      'KEY_COLUMN_UNKNOWN',
      `the server sent a row of ${this.table} without the value of its key column ${name} (${sent})`,
      { table: this.table, column: name },
    );
  }
}

/** What an image has in place of a value. */
function sentInPlace(length: number): string {
  if (length === NULL_COLUMN) return 'null';
  return length === UNCHANGED_COLUMN ? 'unchanged, stored out of line' : 'unchanged, left out of the log';
}

/** Labels with commas between them, as Java prints a list of them: `[a, b]`. */
function writeSetText(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const to = output.bytes;
  to[position++] = 0x5b;
  for (let at = start; at < end; at++) {
    const byte = input.bytes[at]!;
    to[position++] = byte;
    if (byte === COMMA) to[position++] = SPACE;
  }
  to[position] = 0x5d;
  return position + 1;
}
