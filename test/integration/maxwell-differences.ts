import { ColumnKind } from '../../engine/change/column-kind.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import type { LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { jsonElements } from '../support/json-members.ts';

/** A column of which two messages have a value. */
export interface GoldenColumn {
  readonly kind: ColumnKind;
  /** Of the log. */
  readonly type: number;
  readonly charset: string | null;
}

export function goldenColumns({ columns, form }: TableSchema): Map<string, GoldenColumn> {
  const { columns: logged } = form!.layout as LogLayout;
  return new Map(columns.map(({ name, kind }, i) => [name, { kind, type: logged[i]!.type, charset: logged[i]!.charset }]));
}

/** What Maxwell may have in place of a value of ours, both as they stand in the message. */
export interface ValueDifference {
  /** First cell of its row in docs/consumers.md. */
  readonly documented: string;
  readonly isAllowed: (column: GoldenColumn, ours: string, theirs: string) => boolean;
}

export const VALUE_DIFFERENCES: readonly ValueDifference[] = [
  {
    documented: '`TIME` below zero or beyond 24 hours',
    isAllowed: ({ kind, type }, ours, theirs) => kind === ColumnKind.time && theirs === `"${timeOfMaxwell(ours.slice(1, -1), type)}"`,
  },
  {
    documented: '`BIT` from 2^31 to 2^63 - 1',
    isAllowed: ({ kind }, ours, theirs) => kind === ColumnKind.bit && theirs === String(bitsOfMaxwell(BigInt(ours))),
  },
  {
    documented: '`YEAR` 0000',
    isAllowed: ({ kind }, ours, theirs) => kind === ColumnKind.year && ours === '0' && theirs === '1900',
  },
  {
    documented: 'the invalid value 0 of an `ENUM`',
    isAllowed: ({ kind }, ours, theirs) => kind === ColumnKind.enum && ours === '""' && theirs === 'null',
  },
  {
    documented: 'labels of `ENUM` and `SET` with a quote',
    isAllowed: ({ kind }, ours, theirs) =>
      (kind === ColumnKind.enum || kind === ColumnKind.set) && ours.includes("'") && theirs === ours.replaceAll("'", "''"),
  },
  {
    documented: 'geometries with more than 16 decimals',
    isAllowed: ({ kind }, ours, theirs) => kind === ColumnKind.geometry && theirs === ours.replaceAll(/-?\d+\.\d{17,}/g, rounded),
  },
  {
    documented: 'unsigned numbers in JSON from 2147483648 to 4294967295',
    isAllowed: ({ kind }, ours, theirs) => kind === ColumnKind.json && areWrapped(ours, theirs),
  },
  {
    documented: '`TIME` below zero in JSON',
    isAllowed: ({ kind }, ours, theirs) =>
      kind === ColumnKind.json && /^"-\d\d+:/.test(ours) && theirs === `"${jsonTimeOfMaxwell(ours.slice(1, -1))}"`,
  },
  {
    documented: "characters that Java's character set lacks or reads otherwise",
    isAllowed: ({ charset }, ours, theirs) => charset === 'cp932' && !ours.includes('\ufffd') && theirs.includes('\ufffd'),
  },
];

const DAY_MICROS = 86_400_000_000n;
/** Microseconds of one, by how many digits of a fraction there are. */
const FRACTION_UNITS = [1_000_000n, 100_000n, 10_000n, 1000n, 100n, 10n, 1n] as const;

/** Takes a negative number for a positive one of as many bits, adds up its parts, and leaves whole days out. */
function timeOfMaxwell(text: string, type: number): string {
  const [, sign, hours = '', minutes = '', seconds = '', fraction = ''] = /^(-?)(\d+):(\d\d):(\d\d)\.?(\d*)$/.exec(text)!;
  const [h, m, s] = [BigInt(hours), BigInt(minutes), BigInt(seconds)];
  // The log has an even number of digits.
  const digits = fraction.length + (fraction.length % 2);
  const units = BigInt(fraction.padEnd(digits, '0') || 0);
  let parts: readonly [bigint, bigint, bigint, bigint];
  if (sign === '') parts = [h, m, s, units];
  else if (type === ColumnType.time) {
    const raw = BigInt.asUintN(24, -(h * 10_000n + m * 100n + s));
    parts = [raw / 10_000n, (raw / 100n) % 100n, raw % 100n, 0n];
  } else {
    const bits = BigInt(digits * 4);
    const raw = BigInt.asUintN(23 + Number(bits), -((((h << 12n) | (m << 6n) | s) << bits) | units));
    const whole = raw >> bits;
    parts = [(whole >> 12n) & 0x3ffn, (whole >> 6n) & 0x3fn, whole & 0x3fn, BigInt.asUintN(Number(bits), raw)];
  }
  const wholeMicros = (parts[0] * 3600n + parts[1] * 60n + parts[2]) * 1_000_000n;
  const micros = (wholeMicros + parts[3] * FRACTION_UNITS[digits]!) % DAY_MICROS;
  const shown = new Date(Number(micros / 1000n)).toISOString().slice(11, 19);
  const rest = String(micros % 1_000_000n).padStart(6, '0');
  return fraction === '' ? shown : `${shown}.${rest.slice(0, fraction.length)}`;
}

/** Takes a negative number apart as if it were none: parts are rounded down and keep the sign, but for the hours. */
function jsonTimeOfMaxwell(text: string): string {
  const [, hours = '', minutes = '', seconds = '', fraction = ''] = /^-(\d+):(\d\d):(\d\d)\.?(\d*)$/.exec(text)!;
  const packed = -((((BigInt(hours) << 12n) | (BigInt(minutes) << 6n) | BigInt(seconds)) << 24n) | BigInt(fraction.padEnd(6, '0')));
  const whole = packed >> 24n;
  // A sign takes the place of no zero.
  const padded = (value: bigint, digits: number) =>
    value < 0n ? `${'0'.repeat(digits - 1)}${value}` : String(value).padStart(digits, '0');
  const [h, m, s] = [(whole >> 12n) % 1024n, (whole >> 6n) % 64n, whole % 64n];
  const micros = packed % 0x100_0000n;
  const clock = `${padded(-h, 2)}:${padded(m, 2)}:${padded(s, 2)}`;
  return micros === 0n ? clock : `${clock}.${padded(micros, 6)}`;
}

/** Adds up bytes that are shifted as numbers of 32 bits, unless there are eight and the highest bit is set. */
function bitsOfMaxwell(value: bigint): bigint {
  if (value >= 2n ** 63n) return value;
  let sum = 0n;
  for (let byte = 0; byte < 8; byte++) sum += BigInt(Number((value >> BigInt(byte * 8)) & 0xffn) << (byte * 8));
  return sum;
}

/** Half to even, of the digits as they are written. */
function rounded(digits: string): string {
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.');
  const kept = BigInt(whole + fraction.slice(0, 16));
  const rest = fraction.slice(16);
  const half = `5${'0'.repeat(rest.length - 1)}`;
  const isUp = rest > half || (rest === half && kept % 2n === 1n);
  const all = String(isUp ? kept + 1n : kept).padStart(17, '0');
  const text = `${all.slice(0, -16)}.${all.slice(-16)}`.replace(/\.?0+$/, '');
  return digits.startsWith('-') ? `-${text}` : text;
}

/** Numbers or lists of them, some of which have lost 2^32. */
function areWrapped(ours: string, theirs: string): boolean {
  const elements = (json: string) => (json.startsWith('[') ? jsonElements(json) : [json]);
  const [mine, others] = [elements(ours), elements(theirs)];
  const isWrapped = (one: string, other: string) => /^\d+$/.test(one) && Number(one) < 2 ** 32 && Number(other) === Number(one) - 2 ** 32;
  return mine.length === others.length && mine.every((one, i) => one === others[i] || isWrapped(one, others[i]!));
}
