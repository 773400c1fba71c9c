import type { ByteView } from '../../base/byte-view.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';

/**
 * JSON strings as Jackson writes them, byte for byte, because consumers hash keys: `"` `\` and control characters escaped, upper-case hex;
 * characters of the basic plane raw in UTF-8; others as two escapes, \uD83D\uDE01.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = new TextEncoder().encode('0123456789ABCDEF');

/** By byte: PLAIN, CONTROL (\u00XX), MULTIBYTE, or the letter after the backslash. */
const PLAIN = 0;
const CONTROL = 1;
const MULTIBYTE = 2;
const ESCAPES = escapeTable();

/** Length of what stands for a character beyond the basic plane. */
const SURROGATES_BYTES = 12;

function escapeTable(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(CONTROL, 0, 0x20);
  table.fill(MULTIBYTE, 0x80);
  for (const [character, letter] of ['""', '\\\\', '\bb', '\tt', '\nn', '\ff', '\rr'])
    table[character!.charCodeAt(0)] = letter!.charCodeAt(0);
  return table;
}

/**
 * Copies ASCII that needs no escape, 4 bytes at a time, and stops before the first 4 bytes (or fewer, at the end) with anything else.
 * @returns the index in `input` up to which all was copied; `end` when nothing needed an escape
 */
export function copyPlain(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const from = input.view;
  const to = output.view;
  let at = start;
  for (const last = end - 4; at <= last; at += 4, position += 4) {
    const word = from.getInt32(at, true);
    if (needsEscape(word)) return at;
    to.setInt32(position, word, true);
  }
  for (; at < end; at++, position++) {
    const byte = input.bytes[at]!;
    if (ESCAPES[byte] !== PLAIN) return at;
    output.bytes[position] = byte;
  }
  return end;
}

/**
 * Whether any of 4 bytes is a control character, a quote, a backslash or not ASCII. A byte of `a - b` has its top bit set when it is
 * below b: XOR with 2 moves the quote right above the control characters, so that one subtraction finds both.
 */
export function needsEscape(word: number): boolean {
  return ((((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) & 0x80808080) !== 0;
}

/**
 * Writes `input[start, end)`, UTF-8, as a JSON string with its quotes. Takes at most 6 bytes for each byte, and 2.
 * @throws MillraceError VALUE_INVALID when it is no UTF-8
 */
export function writeText(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const to = output.bytes;
  to[position++] = QUOTE;
  let at = start;
  while (at < end) {
    const plainEnd = copyPlain(input, at, end, output, position);
    position += plainEnd - at;
    at = plainEnd;
    // One of the next 4 bytes needs care; after it, and those that follow it directly, the copy goes on.
    for (let cared = false; at < end;) {
      const byte = input.bytes[at]!;
      const escape = ESCAPES[byte]!;
      if (escape === PLAIN) {
        if (cared) break;
        to[position++] = byte;
        at++;
        continue;
      }
      cared = true;
      if (escape === MULTIBYTE) {
        const width = writeMultibyte(plan, input, at, end, output, position);
        at += width;
        position += width === 4 ? SURROGATES_BYTES : width;
      } else {
        position = escape === CONTROL ? writeUnit(to, position, byte) : writeShort(to, position, escape);
        at++;
      }
    }
  }
  to[position] = QUOTE;
  return position + 1;
}

function writeShort(to: Uint8Array, position: number, letter: number): number {
  to[position] = BACKSLASH;
  to[position + 1] = letter;
  return position + 2;
}

/** \uXXXX of one UTF-16 unit. */
function writeUnit(to: Uint8Array, position: number, unit: number): number {
  to[position] = BACKSLASH;
  to[position + 1] = 0x75;
  to[position + 2] = HEX[unit >> 12]!;
  to[position + 3] = HEX[(unit >> 8) & 15]!;
  to[position + 4] = HEX[(unit >> 4) & 15]!;
  to[position + 5] = HEX[unit & 15]!;
  return position + 6;
}

/**
 * Writes one character of 2 to 4 bytes and returns how many it takes in `input`. Well-formed is what Unicode's table 3-7 lists: no overlong
 * forms, no surrogates, nothing beyond U+10FFFF.
 */
function writeMultibyte(plan: ValuePlan, input: ByteView, at: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  const to = output.bytes;
  const lead = bytes[at]!;
  const width = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || at + width > end) failUtf8(plan, input, at, end);
  const second = bytes[at + 1]!;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) failUtf8(plan, input, at, end);
  if (width > 2 && (bytes[at + 2]! & 0xc0) !== 0x80) failUtf8(plan, input, at, end);
  if (width === 4) {
    if ((bytes[at + 3]! & 0xc0) !== 0x80) failUtf8(plan, input, at, end);
    const point = ((lead & 7) << 18) | ((second & 63) << 12) | ((bytes[at + 2]! & 63) << 6) | (bytes[at + 3]! & 63);
    writeUnit(to, position, 0xd7c0 + (point >> 10));
    writeUnit(to, position + 6, 0xdc00 | (point & 0x3ff));
    return 4;
  }
  to[position] = lead;
  to[position + 1] = second;
  if (width === 3) to[position + 2] = bytes[at + 2]!;
  return width;
}

function failUtf8(plan: ValuePlan, input: ByteView, at: number, end: number): never {
  const hex = Buffer.from(input.bytes.slice(at, Math.min(end, at + 4))).toString('hex');
  return failValue(plan, input, at, end, `UTF-8, but found the bytes ${hex}`);
}
