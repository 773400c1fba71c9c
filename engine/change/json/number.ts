import type { ByteView } from '../../base/byte-view.ts';
import { equals } from './equals.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';
import { writeText } from './text.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const NAN = new TextEncoder().encode('NaN');
const INFINITY = new TextEncoder().encode('Infinity');

/** Longer numbers are copied by words. */
const SHORT_BYTES = 20;

/** Room for the digits of a safe integer, written from the right. */
const DIGITS = new Uint8Array(16);

/**
 * Writes a number verbatim, after a check that it is one in JSON's grammar; `NaN`, `Infinity` and `-Infinity` as strings.
 * @throws MillraceError VALUE_INVALID for anything else
 */
export function writeNumber(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  const shift = position - start;
  let at = start;
  if (at < end && bytes[at] === MINUS) output.bytes[shift + at++] = MINUS;
  const integerEnd = copyDigits(input, at, end, output, shift + at);
  if (integerEnd === at) return writeWord(plan, input, start, end, output, position);
  if (bytes[at] === ZERO && integerEnd > at + 1) failNumber(plan, input, start, end);
  at = integerEnd;
  if (at < end && bytes[at] === POINT) {
    output.bytes[shift + at++] = POINT;
    const fractionEnd = copyDigits(input, at, end, output, shift + at);
    if (fractionEnd === at) failNumber(plan, input, start, end);
    at = fractionEnd;
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    output.bytes[shift + at] = bytes[at]!;
    at++;
    if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) {
      output.bytes[shift + at] = bytes[at]!;
      at++;
    }
    const exponentEnd = copyDigits(input, at, end, output, shift + at);
    if (exponentEnd === at) failNumber(plan, input, start, end);
    at = exponentEnd;
  }
  if (at !== end) failNumber(plan, input, start, end);
  return shift + end;
}

/**
 * As `writeNumber`, without the zeros at the end of the fraction: 100.00 is 100, 0.00 is 0, 100 stays.
 * @throws MillraceError VALUE_INVALID
 */
export function writeShortDecimal(
  plan: ValuePlan,
  input: ByteView,
  start: number,
  end: number,
  output: ByteView,
  position: number,
): number {
  const short = copyShortNumber(input.bytes, start, end, output.bytes, position);
  const written = short < 0 ? writeNumber(plan, input, start, end, output, position) : short;
  return withoutZeros(output.bytes, position, written);
}

/** The end of the number `bytes[start, end)` without the zeros at the end of its fraction, and without the point when nothing is left. */
export function withoutZeros(bytes: Uint8Array, start: number, end: number): number {
  let last = end;
  while (last > start && bytes[last - 1] === ZERO) last--;
  if (last === end) return end;
  if (last > start && bytes[last - 1] === POINT) return last - 1;
  // Zeros before a point, or without one, are the number's own.
  for (let at = last - 1; at > start; at--) if (bytes[at] === POINT) return last;
  return end;
}

/**
 * As `writeNumber`, without the zeros in front: `0000` is 0.
 * @throws MillraceError VALUE_INVALID
 */
export function writeYear(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  let first = start;
  while (first < end - 1 && input.bytes[first] === ZERO) first++;
  return writeNumber(plan, input, first, end, output, position);
}

/**
 * The short way for what most numbers are: digits, with a point between them or without. Faster than words for their few bytes, and short
 * enough to be inlined.
 * @returns the end, or -1 for all others, which `writeNumber` takes
 */
export function copyShortNumber(bytes: Uint8Array, start: number, end: number, out: Uint8Array, position: number): number {
  if (start === end || end - start > SHORT_BYTES || (bytes[start] === ZERO && end - start > 1 && bytes[start + 1] !== POINT)) return -1;
  const shift = position - start;
  let points = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > NINE) {
      if (byte !== POINT || points++ > 0 || at === start || at === end - 1) return -1;
    }
    out[shift + at] = byte;
  }
  return shift + end;
}

/** Copies digits, 4 at a time; returns the index of the first byte that is none. */
function copyDigits(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  let at = start;
  for (const last = end - 4; at <= last; at += 4, position += 4) {
    const word = input.view.getInt32(at, true);
    // A byte's top bit shows: below '0', above '9', not ASCII.
    if ((((word - 0x30303030) | (word + 0x46464646) | word) & 0x80808080) !== 0) break;
    output.view.setInt32(position, word, true);
  }
  for (; at < end; at++, position++) {
    const byte = input.bytes[at]!;
    if (byte < ZERO || byte > NINE) return at;
    output.bytes[position] = byte;
  }
  return at;
}

/** The three values that JSON has no number for. */
function writeWord(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  const unsigned = start < end && bytes[start] === MINUS ? start + 1 : start;
  if (!equals(bytes, start, end, NAN) && !equals(bytes, unsigned, end, INFINITY)) failNumber(plan, input, start, end);
  return writeText(plan, input, start, end, output, position);
}

function failNumber(plan: ValuePlan, input: ByteView, start: number, end: number): never {
  failValue(plan, input, start, end, 'a decimal number, NaN, Infinity or -Infinity');
}

/** Writes an integer of at most 15 digits, such as seconds or a transaction id. */
export function writeInteger(value: number, output: ByteView, position: number): number {
  const to = output.bytes;
  let rest = value;
  if (rest < 0) {
    to[position++] = MINUS;
    rest = -rest;
  }
  let first = DIGITS.length;
  do {
    const quotient = Math.floor(rest / 10);
    DIGITS[--first] = ZERO + (rest - quotient * 10);
    rest = quotient;
  } while (rest !== 0);
  for (; first < DIGITS.length; first++) to[position++] = DIGITS[first]!;
  return position;
}
