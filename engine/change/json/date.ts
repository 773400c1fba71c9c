import type { ByteView } from '../../base/byte-view.ts';
import { failValue } from './fail.ts';
import { writeNull } from './null.ts';
import type { ValuePlan } from './plan.ts';

const QUOTE = 0x22;
const SPACE = 0x20;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

/** Indexes in `yyyy-mm-dd`. */
const MONTH = 5;
const DAY = 8;
const DATE_BYTES = 10;

/**
 * Writes `yyyy-mm-dd`, with or without a time of day behind it, as a string; all zeros when year, month or day is zero, as Maxwell does.
 * @throws MillraceError VALUE_INVALID for what has another form
 */
export function writeDate(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (!isDate(input.bytes, start, end)) failDate(plan, input, start, end);
  const { bytes } = input;
  const to = output.bytes;
  const isZero = hasZeroPart(bytes, start);
  to[position++] = QUOTE;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    to[position++] = isZero && byte > ZERO && byte <= NINE ? ZERO : byte;
  }
  to[position] = QUOTE;
  return position + 1;
}

/** As `writeDate`, but null when year, month or day is zero. */
export function writeDateOrNull(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (isZeroDate(input.bytes, start, end)) return writeNull(output, position);
  return writeDate(plan, input, start, end, output, position);
}

/** Whether `writeDate` makes zeros of it: a date of which year, month or day is zero. */
export function isZeroDate(bytes: Uint8Array, start: number, end: number): boolean {
  return isDate(bytes, start, end) && hasZeroPart(bytes, start);
}

/** Whether year, month or day of the date at `start` is zero. */
function hasZeroPart(bytes: Uint8Array, start: number): boolean {
  return isZeroFrom(bytes, start, 4) || isZeroFrom(bytes, start + MONTH, 2) || isZeroFrom(bytes, start + DAY, 2);
}

function isZeroFrom(bytes: Uint8Array, start: number, digits: number): boolean {
  for (let at = start; at < start + digits; at++) if (bytes[at] !== ZERO) return false;
  return true;
}

/** A date and nothing else, or only what a time of day has behind it. */
function isDate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < DATE_BYTES) return false;
  for (let at = start; at < end; at++) {
    const index = at - start;
    const byte = bytes[at]!;
    const isDigit = byte >= ZERO && byte <= NINE;
    if (index === MONTH - 1 || index === DAY - 1 ? byte !== MINUS : index < DATE_BYTES && !isDigit) return false;
    if (index === DATE_BYTES ? byte !== SPACE : index > DATE_BYTES && !isDigit && byte !== COLON && byte !== POINT) return false;
  }
  return true;
}

function failDate(plan: ValuePlan, input: ByteView, start: number, end: number): never {
  failValue(plan, input, start, end, 'a date yyyy-mm-dd, or a date and a time yyyy-mm-dd hh:mm:ss');
}
