import type { Civil } from './civil.ts';

const ZERO = 0x30;
const COLON = 0x3a;
const POINT = 0x2e;
const MINUS = 0x2d;
const SPACE = 0x20;
/** ` 19:28:43` */
const CLOCK_BYTES = 9;
/** `-09-09` */
const MONTH_DAY_BYTES = 6;
const YEAR_DIGITS_MIN = 4;
const YEAR_DIGITS_MAX = 6;
const FRACTION_DIGITS = 6;

/**
 * Reads the text of a timestamp as PostgreSQL prints it with DateStyle=ISO and, with an offset, TimeZone=UTC:
 * `2025-09-09 19:28:43.4846`, `0044-03-15 12:00:00+00 BC`. No digit passes through a fraction.
 * @param hasOffset whether `+00` must stand behind the time
 * @returns false for anything else
 */
export function readTimestamp(bytes: Uint8Array, start: number, end: number, hasOffset: boolean, to: Civil): boolean {
  let stop = end;
  const isBefore = stop - start > 3 && bytes[stop - 1] === 0x43 && bytes[stop - 2] === 0x42 && bytes[stop - 3] === SPACE;
  if (isBefore) stop -= 3;
  if (hasOffset) {
    if (stop - start < 3 || bytes[stop - 3] !== 0x2b || bytes[stop - 2] !== ZERO || bytes[stop - 1] !== ZERO) return false;
    stop -= 3;
  }
  let at = start;
  while (at < stop && isDigit(bytes[at]!)) at++;
  const yearDigits = at - start;
  if (yearDigits < YEAR_DIGITS_MIN || yearDigits > YEAR_DIGITS_MAX || stop - at < MONTH_DAY_BYTES + CLOCK_BYTES) return false;
  const year = numberAt(bytes, start, yearDigits);
  to.month = numberAt(bytes, at + 1, 2);
  to.day = numberAt(bytes, at + 4, 2);
  to.hour = numberAt(bytes, at + 7, 2);
  to.minute = numberAt(bytes, at + 10, 2);
  to.second = numberAt(bytes, at + 13, 2);
  const isMarked =
    bytes[at] === MINUS && bytes[at + 3] === MINUS && bytes[at + 6] === SPACE && bytes[at + 9] === COLON && bytes[at + 12] === COLON;
  if (!isMarked || year < 1 || to.month < 1 || to.month > 12 || to.day < 1 || to.day > 31) return false;
  if (to.hour < 0 || to.hour > 23 || to.minute < 0 || to.minute > 59 || to.second < 0 || to.second > 59) return false;
  to.year = isBefore ? 1 - year : year;
  at += MONTH_DAY_BYTES + CLOCK_BYTES;
  to.micros = at === stop ? 0 : readFraction(bytes, at, stop);
  return to.micros >= 0;
}

/** Microseconds of `.4846`; -1 for anything else. */
function readFraction(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start - 1;
  if (bytes[start] !== POINT || digits < 1 || digits > FRACTION_DIGITS) return -1;
  let micros = numberAt(bytes, start + 1, digits);
  for (let i = digits; i < FRACTION_DIGITS; i++) micros *= 10;
  return micros;
}

/** So many digits as a number; negative when one of them is none. */
function numberAt(bytes: Uint8Array, start: number, digits: number): number {
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const byte = bytes[start + i]!;
    if (!isDigit(byte)) return -1_000_000;
    value = value * 10 + (byte - ZERO);
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
