import type { ByteView } from '../../base/byte-view.ts';
import { writeInteger, writeNumber } from './number.ts';
import type { ValuePlan } from './plan.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const LETTER_E = 0x45;

/** The exponent from which on Java's BigDecimal writes one. */
const EXPONENT_MIN = 7;

/**
 * Writes a decimal as Java's BigDecimal prints it: digits and scale as they are, but for what is below 0.000001, and zeros of more than six
 * decimals: `1.50`, `0.000000`, `0E-10`, `1.20E-9`.
 * @throws MillraceError VALUE_INVALID for what is no decimal
 */
export function writeJavaDecimal(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const plain = writeNumber(plan, input, start, end, output, position);
  const { bytes } = input;
  const integer = bytes[start] === MINUS ? start + 1 : start;
  if (bytes[integer] !== ZERO || integer + 1 >= end || bytes[integer + 1] !== POINT) return plain;
  const fraction = integer + 2;
  let first = fraction;
  while (first < end && bytes[first] === ZERO) first++;
  const isZero = first === end;
  const exponent = isZero ? end - fraction : first - fraction + 1;
  if (exponent < EXPONENT_MIN) return plain;

  const to = output.bytes;
  let p = position + integer - start;
  to[p++] = isZero ? ZERO : bytes[first]!;
  if (first + 1 < end) to[p++] = POINT;
  for (let at = first + 1; at < end; at++) to[p++] = bytes[at]!;
  to[p++] = LETTER_E;
  to[p++] = MINUS;
  return writeInteger(exponent, output, p);
}
