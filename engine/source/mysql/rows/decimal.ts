import type { ByteView } from '../../../base/byte-view.ts';
import { failValue, fixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { writeDigits } from './digits.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const GROUP_DIGITS = 9;
const GROUP_BYTES = 4;
/** Bytes of a group by its digits. */
const BYTES_OF = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];
const LIMIT_OF = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
export const PRECISION_MAX = 65;
export const SCALE_MAX = 38;

/** Bytes of a DECIMAL in the log. */
export function decimalBytes(precision: number, scale: number): number {
  return groupBytes(precision - scale) + groupBytes(scale);
}

/** A column of DECIMAL: all its digits, with the declared scale. */
export function decimalColumn(name: ColumnName, precision: number, scale: number): ColumnDecoder {
  // A sign, a zero before the point, the point.
  return fixed(decimalBytes(precision, scale), precision + 3, (input, start, end, output, position) =>
    writeDecimal(name, precision, scale, input, start, end, output, position),
  );
}

/**
 * Groups of nine digits in four bytes, big-endian, from the point outwards; the outermost are shorter. The first bit is set for numbers
 * that are not negative; of others all bits are inverted.
 */
export function writeDecimal(
  name: ColumnName,
  precision: number,
  scale: number,
  input: ByteView,
  start: number,
  end: number,
  output: ByteView,
  position: number,
): number {
  const to = output.bytes;
  const first = input.bytes[start]!;
  const mask = (first & 0x80) === 0 ? 0xff : 0;
  if (mask !== 0) to[position++] = MINUS;
  const integerStart = position;
  let at = start;
  const integers = precision - scale;
  for (let digits = integers % GROUP_DIGITS, left = integers; left > 0; left -= digits, digits = GROUP_DIGITS) {
    if (digits === 0) digits = GROUP_DIGITS;
    const group = readGroup(input, start, at, BYTES_OF[digits]!, mask);
    if (group >= LIMIT_OF[digits]!) failDecimal(name, input, start, end);
    at += BYTES_OF[digits]!;
    // Zeros in front are no part of the number.
    if (position > integerStart) position = writeDigits(group, digits, to, position);
    else if (group > 0) position = writeDigits(group, digitsOf(group), to, position);
  }
  if (position === integerStart) to[position++] = ZERO;
  if (scale === 0) return position;
  to[position++] = POINT;
  for (let left = scale; left > 0; left -= GROUP_DIGITS) {
    const digits = Math.min(left, GROUP_DIGITS);
    const group = readGroup(input, start, at, BYTES_OF[digits]!, mask);
    if (group >= LIMIT_OF[digits]!) failDecimal(name, input, start, end);
    at += BYTES_OF[digits]!;
    position = writeDigits(group, digits, to, position);
  }
  return position;
}

function readGroup(input: ByteView, start: number, at: number, bytes: number, mask: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) {
    const byte = input.bytes[at + i]! ^ mask;
    value = value * 256 + (at + i === start ? byte ^ 0x80 : byte);
  }
  return value;
}

function digitsOf(value: number): number {
  let digits = 1;
  while (value >= LIMIT_OF[digits]!) digits++;
  return digits;
}

function groupBytes(digits: number): number {
  return Math.floor(digits / GROUP_DIGITS) * GROUP_BYTES + BYTES_OF[digits % GROUP_DIGITS]!;
}

function failDecimal(name: ColumnName, input: ByteView, start: number, end: number): never {
  return failValue(name, input, start, end, 'groups of decimal digits');
}
