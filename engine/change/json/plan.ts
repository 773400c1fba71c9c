import { unreachable } from '../../base/assert.ts';
import { ColumnKind } from '../column-kind.ts';
import type { ColumnSchema, TableSchema } from '../table-schema.ts';
import type { Clock } from '../time/clock.ts';

/** How a value's canonical text becomes JSON. Kinds that are written alike share a form. */
export const JsonForm = {
  /** A JSON number, verbatim; NaN and the infinities as strings. */
  number: 0,
  bool: 1,
  /** A string, escaped. */
  text: 2,
  /** A string: time of day or date and time, the fraction padded to 6 digits. */
  time: 3,
  /** As `time`, after the offset `+00` was cut off. */
  timestamptz: 4,
  /** A base64 string. */
  bytes: 5,
  /** JSON already: verbatim. */
  json: 6,
  /** A bit string of at most 64 bits as a number. */
  bits: 7,
  /** Labels with commas between them, as an array of strings. */
  set: 8,
  /** hstore, as an object of strings and nulls. */
  map: 9,
  array: 10,
  /** As `number`, without the zeros at the end of its fraction. */
  shortDecimal: 11,
  /** A string: a timestamp by the plan's clock. */
  clock: 12,
  /** A string: a date, or a date with a time of day; all zeros when a part of the date is zero. */
  date: 13,
  /** As `date`, but null when a part of the date is zero. */
  dateOrNull: 14,
  /** A base64 string of the bytes as they are. */
  rawBytes: 15,
  /** A decimal as Java's BigDecimal prints it: with an exponent below 0.000001. */
  javaDecimal: 16,
  /** An integer without the zeros in front. */
  year: 17,
} as const;
export type JsonForm = (typeof JsonForm)[keyof typeof JsonForm];

/** The widest bit string that is a number. */
const NUMBER_BITS_MAX = 64;

/** What must be known to write the values of one column (or of an array's elements). Made once for each version of a table. */
export class ValuePlan {
  readonly form: JsonForm;
  /** For arrays: how their elements are written; null otherwise. */
  readonly element: ValuePlan | null;
  /** For arrays: the byte between two elements. */
  readonly delimiter: number;
  /** For the form `clock`; null otherwise. */
  readonly clock: Clock | null;
  /** For errors. */
  readonly table: string;
  readonly column: string;
  readonly sourceType: string;

  constructor(
    form: JsonForm,
    element: ValuePlan | null,
    delimiter: number,
    clock: Clock | null,
    table: string,
    column: string,
    sourceType: string,
  ) {
    this.form = form;
    this.element = element;
    this.delimiter = delimiter;
    this.clock = clock;
    this.table = table;
    this.column = column;
    this.sourceType = sourceType;
  }
}

/** How values are written where a format or an option leaves a choice. */
export interface ValueStyle {
  /** Decimals lose the zeros at the end of their fraction: 100.00 is 100. */
  readonly shortDecimals: boolean;
  /** Write `timestamptz` and `timestamp` values; null: as the source prints them, in UTC, with six digits of a second. */
  readonly instants: Clock | null;
  readonly locals: Clock | null;
  /** What becomes of a date of which a part is zero. */
  readonly zeroDates: 'zeros' | 'null';
}

/** As the source prints them: the style of message keys in every format. */
export const PLAIN_VALUES: ValueStyle = { shortDecimals: false, instants: null, locals: null, zeroDates: 'zeros' };

/** The plan of one column. */
export function planValue(schema: TableSchema, column: ColumnSchema, style: ValueStyle): ValuePlan {
  const table = `${schema.schema}.${schema.table}`;
  const scalar = (kind: ColumnKind, length: number) => {
    const declared = schema.valueForm === 'declared' ? declaredFormOf(kind, style) : null;
    const clock = declared === null ? clockOf(kind, style) : null;
    const form = declared ?? (clock === null ? formOf(kind, length, style) : JsonForm.clock);
    return new ValuePlan(form, null, 0, clock, table, column.name, column.sourceType);
  };
  const element = column.element;
  if (column.kind !== ColumnKind.array || element === null) return scalar(column.kind, column.length);
  const plan = scalar(element.kind, element.length);
  return new ValuePlan(JsonForm.array, plan, element.delimiter.charCodeAt(0), null, table, column.name, column.sourceType);
}

function clockOf(kind: ColumnKind, style: ValueStyle): Clock | null {
  if (kind === ColumnKind.timestamptz) return style.instants;
  return kind === ColumnKind.datetime ? style.locals : null;
}

/** For values in the form `declared`; null for kinds that all sources write alike. */
function declaredFormOf(kind: ColumnKind, style: ValueStyle): JsonForm | null {
  switch (kind) {
    case ColumnKind.decimal:
      return style.shortDecimals ? null : JsonForm.javaDecimal;
    case ColumnKind.bytes:
      return JsonForm.rawBytes;
    case ColumnKind.bit:
      return JsonForm.number;
    case ColumnKind.year:
      return JsonForm.year;
    case ColumnKind.time:
      return JsonForm.text;
    case ColumnKind.date:
    case ColumnKind.datetime:
    case ColumnKind.timestamptz:
      return style.zeroDates === 'null' ? JsonForm.dateOrNull : JsonForm.date;
    default:
      return null;
  }
}

function formOf(kind: ColumnKind, length: number, style: ValueStyle): JsonForm {
  switch (kind) {
    case ColumnKind.int:
    case ColumnKind.uint:
    case ColumnKind.year:
    case ColumnKind.float32:
    case ColumnKind.float64:
      return JsonForm.number;
    case ColumnKind.decimal:
      return style.shortDecimals ? JsonForm.shortDecimal : JsonForm.number;
    case ColumnKind.bool:
      return JsonForm.bool;
    case ColumnKind.bytes:
      return JsonForm.bytes;
    case ColumnKind.json:
      return JsonForm.json;
    case ColumnKind.time:
    case ColumnKind.datetime:
      return JsonForm.time;
    case ColumnKind.timestamptz:
      return JsonForm.timestamptz;
    case ColumnKind.bit:
      // Leading zeros of longer ones, and the length of bit varying, would be lost in a number.
      return length >= 1 && length <= NUMBER_BITS_MAX ? JsonForm.bits : JsonForm.text;
    case ColumnKind.set:
      return JsonForm.set;
    case ColumnKind.map:
      return JsonForm.map;
    // An array whose elements are not known (and an array of those) goes out as its text, which loses nothing.
    case ColumnKind.array:
    case ColumnKind.text:
    case ColumnKind.date:
    case ColumnKind.enum:
    case ColumnKind.uuid:
    case ColumnKind.interval:
    case ColumnKind.geometry:
    case ColumnKind.other:
      return JsonForm.text;
    default:
      return unreachable(kind);
  }
}
