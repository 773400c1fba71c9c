import type { ByteView } from '../../../base/byte-view.ts';
import { Civil } from '../../../change/time/civil.ts';
import { Zone } from '../../../change/time/zone.ts';
import { zoneOf } from '../../../change/time/zone-id.ts';
import { assert } from '../../../base/assert.ts';
import { failValue, fixed, type ColumnDecoder, type ColumnName } from './column-decoder.ts';
import { readBigEndian } from './digits.ts';
import { writeClock, writeDate, writeFraction, writeZeroDatetime } from './time-text.ts';

const MINUS = 0x2d;
const SPACE = 0x20;
/** `-838:59:59.123456`, `0000-00-00`, `0000-00-00 00:00:00.123456`; hours of a broken value have up to 4 digits. */
export const TIME_ROOM = 18;
export const DATE_ROOM = 10;
export const DATETIME_ROOM = 26;
export const FRACTION_DIGITS_MAX = 6;

/** Of packed times and dates: the numbers that stand for zero. */
const TIME2_ZERO = 0x800000;
const DATETIME2_ZERO = 0x8000000000;

export const DATE_COLUMN: ColumnDecoder = fixed(3, DATE_ROOM, (input, start, _end, output, position) => {
  const { bytes } = input;
  const packed = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
  return writeDate(packed >> 9, (packed >> 5) & 15, packed & 31, output.bytes, position);
});

/** Bytes of a fraction in MySQL 5.6's layout: two digits a byte. */
function fractionBytes(digits: number): number {
  return (digits + 1) >> 1;
}

/** A column of TIME(n): sign, 10 bits of hours, 6 of minutes, 6 of seconds, and the fraction, as one big-endian number. */
export function time2Column(name: ColumnName, digits: number): ColumnDecoder {
  const bytes = fractionBytes(digits);
  const unit = 256 ** bytes;
  return fixed(3 + bytes, TIME_ROOM, (input, start, end, output, position) => {
    let packed = readBigEndian(input.bytes, start, end) - TIME2_ZERO * unit;
    if (packed < 0) {
      output.bytes[position++] = MINUS;
      packed = -packed;
    }
    const whole = Math.floor(packed / unit);
    const fraction = packed - whole * unit;
    if (((whole >> 6) & 63) > 59 || (whole & 63) > 59 || fraction >= 100 ** bytes) failTime(name, input, start, end);
    position = writeClock(whole >> 12, (whole >> 6) & 63, whole & 63, output.bytes, position);
    return writeFraction(fraction, 2 * bytes, digits, output.bytes, position);
  });
}

/** A column of DATETIME(n): 17 bits of months (13 to the year), 5 of days, 5 of hours, 6 of minutes, 6 of seconds; the fraction. */
export function datetime2Column(name: ColumnName, digits: number): ColumnDecoder {
  const bytes = fractionBytes(digits);
  return fixed(5 + bytes, DATETIME_ROOM, (input, start, end, output, position) => {
    const to = output.bytes;
    const packed = readBigEndian(input.bytes, start, start + 5) - DATETIME2_ZERO;
    const fraction = readBigEndian(input.bytes, start + 5, end);
    const day = Math.floor(packed / 0x20000);
    const clock = packed & 0x1ffff;
    const months = day >> 5;
    if (packed < 0 || months > 9999 * 13 + 12) failTime(name, input, start, end);
    if (clock >> 12 > 23 || ((clock >> 6) & 63) > 59 || (clock & 63) > 59 || fraction >= 100 ** bytes) failTime(name, input, start, end);
    position = writeDate((months / 13) | 0, months % 13, day & 31, to, position);
    to[position++] = SPACE;
    position = writeClock(clock >> 12, (clock >> 6) & 63, clock & 63, to, position);
    return writeFraction(fraction, 2 * bytes, digits, to, position);
  });
}

/** A column of TIMESTAMP(n): seconds since 1970 UTC, big-endian and without a sign, so that they reach beyond 2038; the fraction. */
export function timestamp2Column(name: ColumnName, digits: number, zone: string): ColumnDecoder {
  const bytes = fractionBytes(digits);
  const write = timestampWriter(zone);
  return fixed(4 + bytes, DATETIME_ROOM, (input, start, end, output, position) => {
    const fraction = readBigEndian(input.bytes, start + 4, end);
    if (fraction >= 100 ** bytes) failTime(name, input, start, end);
    position = write(input.view.getUint32(start), fraction, output.bytes, position);
    return writeFraction(fraction, 2 * bytes, digits, output.bytes, position);
  });
}

/** What writes a TIMESTAMP up to its fraction, by the clock of `zone`. No seconds and no fraction stand for the zero date. */
export function timestampWriter(zone: string): (seconds: number, fraction: number, to: Uint8Array, position: number) => number {
  const table = zoneOf(zone);
  assert(table !== null, 'options accept known time zones alone');
  const clock = new Zone(table);
  const civil = new Civil();
  return (seconds, fraction, to, position) => {
    if (seconds === 0 && fraction === 0) return writeZeroDatetime(to, position);
    civil.setSeconds(seconds + clock.offsetAt(seconds));
    position = writeDate(civil.year, civil.month, civil.day, to, position);
    to[position++] = SPACE;
    return writeClock(civil.hour, civil.minute, civil.second, to, position);
  };
}

/** Throws VALUE_INVALID for what is no time. */
export function failTime(name: ColumnName, input: ByteView, start: number, end: number): never {
  return failValue(name, input, start, end, 'a date and time within the type');
}
