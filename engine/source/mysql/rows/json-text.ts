import type { ByteView } from '../../../base/byte-view.ts';
import { copyPlain } from '../../../change/json/text.ts';
import { writeInteger } from '../../../change/json/number.ts';
import { writeUint64 } from '../../../change/json/uint64.ts';
import { writeDigits } from './digits.ts';
import { writeInt64 } from './integers.ts';
import { exactText } from './plain-number.ts';
import { float64Text } from './floats.ts';
import type { TextScratch } from './text-scratch.ts';
import { writeClock, writeDate } from './time-text.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const SPACE = 0x20;
const ZERO = 0x30;
const HEX = new TextEncoder().encode('0123456789ABCDEF');
const SHORT: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', [QUOTE]: '"', [BACKSLASH]: '\\' };
/** A control character takes `\u00XX`. */
const ESCAPE_GROWTH = 6;
const INTEGER_ROOM = 20;
const DATETIME_ROOM = 40;
const MICROSECOND_DIGITS = 6;

/** Appends a JSON string: characters beyond ASCII as they are. */
export function appendString(scratch: TextScratch, input: ByteView, start: number, end: number): void {
  const output = scratch.reserve(ESCAPE_GROWTH * (end - start) + 2);
  const to = output.bytes;
  let position = scratch.position;
  to[position++] = QUOTE;
  for (let at = start; at < end;) {
    const plainEnd = copyPlain(input, at, end, output, position);
    position += plainEnd - at;
    at = plainEnd;
    // The copy stops at 4 bytes of which one needs care.
    for (const stop = Math.min(end, at + 4); at < stop; at++) position = writeCharacter(input.bytes[at]!, to, position);
  }
  to[position++] = QUOTE;
  scratch.advance(position);
}

function writeCharacter(byte: number, to: Uint8Array, position: number): number {
  const letter = SHORT[byte];
  if (letter === undefined && byte >= SPACE) {
    to[position] = byte;
    return position + 1;
  }
  to[position++] = BACKSLASH;
  if (letter !== undefined) {
    to[position] = letter.charCodeAt(0);
    return position + 1;
  }
  to[position] = 0x75;
  to[position + 1] = ZERO;
  to[position + 2] = ZERO;
  to[position + 3] = HEX[byte >> 4]!;
  to[position + 4] = HEX[byte & 15]!;
  return position + 5;
}

export function appendInteger(scratch: TextScratch, value: number): void {
  scratch.advance(writeInteger(value, scratch.reserve(INTEGER_ROOM), scratch.position));
}

/** Appends the number of 64 bits in two words. */
export function appendInteger64(scratch: TextScratch, high: number, low: number, isUnsigned: boolean): void {
  const output = scratch.reserve(INTEGER_ROOM);
  scratch.advance((isUnsigned ? writeUint64 : writeInt64)(high, low, output, scratch.position));
}

/** Appends a double: where Java would write an exponent, every digit of what it holds instead. */
export function appendDouble(scratch: TextScratch, value: number): void {
  const text = float64Text(value);
  scratch.ascii(text.includes('E') ? exactText(value) : text);
}

/** Appends a date, packed with its time as DATETIME is, whose own part is not shown. */
export function appendDate(scratch: TextScratch, packed: bigint): void {
  const output = beginQuoted(scratch);
  endQuoted(scratch, writeDay(packed, output.bytes, scratch.position + 1));
}

/** Appends `"2015-01-15 23:24:25.12"`, without the zeros that end a fraction. */
export function appendDatetime(scratch: TextScratch, packed: bigint): void {
  const to = beginQuoted(scratch).bytes;
  let position = writeDay(packed, to, scratch.position + 1);
  to[position++] = SPACE;
  const whole = Number((packed >> 24n) & 0x1ffffn);
  position = writeClock(whole >> 12, (whole >> 6) & 63, whole & 63, to, position);
  endQuoted(scratch, writeMicroseconds(Number(packed & 0xffffffn), to, position));
}

/** Appends `"-838:59:59.12"`. */
export function appendTime(scratch: TextScratch, packed: bigint): void {
  const to = beginQuoted(scratch).bytes;
  let position = scratch.position + 1;
  if (packed < 0n) to[position++] = 0x2d;
  const absolute = packed < 0n ? -packed : packed;
  const whole = Number((absolute >> 24n) & 0x3fffffn);
  position = writeClock(whole >> 12, (whole >> 6) & 63, whole & 63, to, position);
  endQuoted(scratch, writeMicroseconds(Number(absolute & 0xffffffn), to, position));
}

/** Appends base64 in quotes. */
export function appendBase64(scratch: TextScratch, input: ByteView, start: number, end: number): void {
  scratch.ascii(`"${Buffer.from(input.bytes.subarray(start, end)).toString('base64')}"`);
}

function writeDay(packed: bigint, to: Uint8Array, position: number): number {
  const day = Number((packed >> 41n) & 0x3fffffn);
  const months = day >> 5;
  return writeDate((months / 13) | 0, months % 13, day & 31, to, position);
}

function writeMicroseconds(microseconds: number, to: Uint8Array, position: number): number {
  if (microseconds === 0) return position;
  to[position] = POINT;
  let stop = writeDigits(microseconds, MICROSECOND_DIGITS, to, position + 1);
  while (to[stop - 1] === ZERO) stop--;
  return stop;
}

function beginQuoted(scratch: TextScratch): ByteView {
  const output = scratch.reserve(DATETIME_ROOM);
  output.bytes[scratch.position] = QUOTE;
  return output;
}

function endQuoted(scratch: TextScratch, position: number): void {
  scratch.advance(position);
  scratch.byte(QUOTE);
}
