import type { ByteView } from '../../base/byte-view.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
const PADDING = 0x3d;
const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Not a hexadecimal digit: its upper half shows in the OR of many digits. */
const NO_DIGIT = 0xff;
const DIGIT_OF = hexTable();

/** Two base64 characters for 12 bits, first character in the low byte: three hexadecimal digits become one 2-byte store. */
const PAIR_OF = pairTable();

function hexTable(): Uint8Array {
  const table = new Uint8Array(256).fill(NO_DIGIT);
  for (let digit = 0; digit < 16; digit++) {
    const character = digit.toString(16);
    table[character.charCodeAt(0)] = digit;
    table[character.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}

function pairTable(): Uint16Array {
  const table = new Uint16Array(4096);
  for (let bits = 0; bits < 4096; bits++) table[bits] = ALPHABET[bits >> 6]! | (ALPHABET[bits & 63]! << 8);
  return table;
}

/**
 * Writes a bytea as a base64 string with padding. `input[start, end)` is its hex form, `\x00ff`, or its escape form, `\000a\\`
 * (which never starts with `\x`).
 * @throws MillraceError VALUE_INVALID for neither
 */
export function writeBytes(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  output.bytes[position] = QUOTE;
  const hex = end - start >= 2 && bytes[start] === BACKSLASH && bytes[start + 1] === LETTER_X;
  const written = hex
    ? writeHex(plan, input, start + 2, end, output, position + 1)
    : writeEscaped(plan, input, start, end, output, position + 1);
  output.bytes[written] = QUOTE;
  return written + 1;
}

/** Writes `input[start, end)` itself as a base64 string with padding. */
export function writeRawBytes(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const { bytes } = input;
  output.bytes[position++] = QUOTE;
  let at = start;
  for (const last = end - 3; at <= last; at += 3, position += 4) {
    const group = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    output.view.setInt32(position, PAIR_OF[group >> 12]! | (PAIR_OF[group & 0xfff]! << 16), true);
  }
  let rest = 0;
  const restBytes = end - at;
  for (; at < end; at++) rest = (rest << 8) | bytes[at]!;
  position = writeRest(rest, restBytes, output, position);
  output.bytes[position] = QUOTE;
  return position + 1;
}

function writeHex(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (((end - start) & 1) !== 0) failBytes(plan, input, start, end);
  const bytes = input.bytes;
  let at = start;
  let seen = 0;
  for (const last = end - 6; at <= last; at += 6, position += 4) {
    const a = DIGIT_OF[bytes[at]!]!;
    const b = DIGIT_OF[bytes[at + 1]!]!;
    const c = DIGIT_OF[bytes[at + 2]!]!;
    const d = DIGIT_OF[bytes[at + 3]!]!;
    const e = DIGIT_OF[bytes[at + 4]!]!;
    const f = DIGIT_OF[bytes[at + 5]!]!;
    seen |= a | b | c | d | e | f;
    const pairs = PAIR_OF[((a << 8) | (b << 4) | c) & 0xfff]! | (PAIR_OF[((d << 8) | (e << 4) | f) & 0xfff]! << 16);
    output.view.setInt32(position, pairs, true);
  }
  let rest = 0;
  const restBytes = (end - at) >> 1;
  for (; at < end; at++) {
    const digit = DIGIT_OF[bytes[at]!]!;
    seen |= digit;
    rest = (rest << 4) | (digit & 15);
  }
  if (seen > 15) failBytes(plan, input, start, end);
  return writeRest(rest, restBytes, output, position);
}

function writeEscaped(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  let group = 0;
  let count = 0;
  for (let at = start; at < end;) {
    let byte = bytes[at++]!;
    if (byte === BACKSLASH) {
      if (at < end && bytes[at] === BACKSLASH) {
        at++;
      } else {
        byte = octal(plan, input, at, end);
        at += 3;
      }
    }
    group = (group << 8) | byte;
    if (++count === 3) {
      output.view.setInt32(position, PAIR_OF[group >> 12]! | (PAIR_OF[group & 0xfff]! << 16), true);
      position += 4;
      group = 0;
      count = 0;
    }
  }
  return writeRest(group, count, output, position);
}

function octal(plan: ValuePlan, input: ByteView, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 3; i++) {
    const digit = at + i < end ? input.bytes[at + i]! - 0x30 : -1;
    if (digit < 0 || digit > 7) failBytes(plan, input, at, end);
    value = (value << 3) | digit;
  }
  if (value > 255) failBytes(plan, input, at, end);
  return value;
}

/** The last one or two bytes with their padding. */
function writeRest(rest: number, count: number, output: ByteView, position: number): number {
  if (count === 0) return position;
  const twelve = count === 1 ? rest << 4 : rest >> 4;
  output.view.setUint16(position, PAIR_OF[twelve]!, true);
  output.bytes[position + 2] = count === 1 ? PADDING : ALPHABET[(rest & 15) << 2]!;
  output.bytes[position + 3] = PADDING;
  return position + 4;
}

function failBytes(plan: ValuePlan, input: ByteView, start: number, end: number): never {
  failValue(plan, input, start, end, 'a bytea in hex or escape form');
}
