import type { ByteView } from '../../../base/byte-view.ts';
import { writeInteger } from '../../../change/json/number.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import { writeAscii } from './digits.ts';
import { paddedColumn } from './text.ts';

const POINT = 0x2e;
const DASH = 0x2d;
const HEX = new TextEncoder().encode('0123456789abcdef');
const UUID_BYTES = 16;
const UUID_ROOM = 36;
/** Bytes of a UUID in front of which a dash stands, as bits. */
const DASHED = (1 << 4) | (1 << 6) | (1 << 8) | (1 << 10);
const INET4_BYTES = 4;
const INET4_ROOM = 15;
const INET6_BYTES = 16;
const INET6_ROOM = 39;
const WORDS = 8;
/** Zero words in front of an address that is one of IPv4: all six, or five and 0xffff. */
const COMPATIBLE_WORDS = 6;
const MAPPED_WORDS = 5;

/** MariaDB's UUID: the log has its bytes as they are read, not as tables store them. */
export function uuidColumn(): ColumnDecoder {
  return paddedColumn(UUID_BYTES, UUID_ROOM, (input, start, end, output, position) => {
    const to = output.bytes;
    for (let at = start; at < end; at++) {
      if ((DASHED & (1 << (at - start))) !== 0) to[position++] = DASH;
      const byte = input.bytes[at]!;
      to[position++] = HEX[byte >> 4]!;
      to[position++] = HEX[byte & 15]!;
    }
    return position;
  });
}

/** MariaDB's INET4. */
export function inet4Column(): ColumnDecoder {
  return paddedColumn(INET4_BYTES, INET4_ROOM, writeInet4);
}

/** MariaDB's INET6, by its own rules: the longest run of zeros, even of one word, is left out. */
export function inet6Column(): ColumnDecoder {
  return paddedColumn(INET6_BYTES, INET6_ROOM, (input, start, end, output, position) => {
    const words: number[] = [];
    for (let at = start; at < end; at += 2) words.push(input.view.getUint16(at));
    const gap = longestZeros(words);
    const isOfIpv4 =
      gap.start === 0 && (gap.length === COMPATIBLE_WORDS || (gap.length === MAPPED_WORDS && words[MAPPED_WORDS] === 0xffff));
    let text = '';
    for (let word = 0; word < WORDS; word++) {
      if (word === gap.start) {
        text += word === 0 ? '::' : ':';
        word += gap.length - 1;
      } else if (isOfIpv4 && word === COMPATIBLE_WORDS) {
        return writeInet4(input, end - INET4_BYTES, end, output, writeAscii(text, output.bytes, position));
      } else {
        text += words[word]!.toString(16) + (word < WORDS - 1 ? ':' : '');
      }
    }
    return writeAscii(text, output.bytes, position);
  });
}

/** The first of the longest runs of zeros; none: its start is -1. */
function longestZeros(words: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

function writeInet4(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  for (let at = start; at < end; at++) {
    if (at > start) output.bytes[position++] = POINT;
    position = writeInteger(input.bytes[at]!, output, position);
  }
  return position;
}
