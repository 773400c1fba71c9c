import { writeAscii, writeDigits, writePair } from './digits.ts';

const MINUS = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO_DATETIME = '0000-00-00 00:00:00';

/** `2025-09-09`; any part may be zero. */
export function writeDate(year: number, month: number, day: number, to: Uint8Array, position: number): number {
  position = writePair((year / 100) | 0, to, position);
  position = writePair(year % 100, to, position);
  to[position++] = MINUS;
  position = writePair(month, to, position);
  to[position++] = MINUS;
  return writePair(day, to, position);
}

/** `19:28:43`, `838:59:59` */
export function writeClock(hours: number, minutes: number, seconds: number, to: Uint8Array, position: number): number {
  position = hours > 99 ? writeDigits(hours, hours > 999 ? 4 : 3, to, position) : writePair(hours, to, position);
  to[position++] = COLON;
  position = writePair(minutes, to, position);
  to[position++] = COLON;
  return writePair(seconds, to, position);
}

/** The first `digits` of a fraction that is kept in `kept` digits, behind a point; nothing for none. */
export function writeFraction(fraction: number, kept: number, digits: number, to: Uint8Array, position: number): number {
  if (digits === 0) return position;
  to[position] = POINT;
  writeDigits(kept === digits ? fraction : Math.floor(fraction / 10), digits, to, position + 1);
  return position + 1 + digits;
}

/** What a TIMESTAMP without seconds shows. */
export function writeZeroDatetime(to: Uint8Array, position: number): number {
  return writeAscii(ZERO_DATETIME, to, position);
}
