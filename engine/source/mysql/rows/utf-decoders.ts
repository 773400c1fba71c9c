import { NOT_TEXT, type CharsetDecoder } from './charset-decoder.ts';
import { putUtf8 } from './put-utf8.ts';

const LAST_POINT = 0x10_ffff;

function isSurrogate(point: number): boolean {
  return (point & 0xf800) === 0xd800 && point < 0x1_0000;
}

/** Two bytes a character, higher one first; what lies beyond is not in the set. */
export class Ucs2Decoder implements CharsetDecoder {
  decode(input: Uint8Array, start: number, end: number, output: Uint8Array, position: number): number {
    if ((end - start) % 2 !== 0) return NOT_TEXT;
    let p = position;
    for (let at = start; at < end; at += 2) {
      const point = (input[at]! << 8) | input[at + 1]!;
      if (isSurrogate(point)) return NOT_TEXT;
      p = putUtf8(output, p, point);
    }
    return p;
  }
}

/** Two bytes, or four where they are a pair of surrogates. */
export class Utf16Decoder implements CharsetDecoder {
  readonly #high: 0 | 1;

  constructor(isLittleEndian: boolean) {
    this.#high = isLittleEndian ? 1 : 0;
  }

  decode(input: Uint8Array, start: number, end: number, output: Uint8Array, position: number): number {
    if ((end - start) % 2 !== 0) return NOT_TEXT;
    const high = this.#high;
    let p = position;
    for (let at = start; at < end; at += 2) {
      let point = (input[at + high]! << 8) | input[at + 1 - high]!;
      if (isSurrogate(point)) {
        at += 2;
        if (point >= 0xdc00 || at >= end) return NOT_TEXT;
        const second = (input[at + high]! << 8) | input[at + 1 - high]!;
        if ((second & 0xfc00) !== 0xdc00) return NOT_TEXT;
        point = 0x1_0000 + ((point & 0x3ff) << 10) + (second & 0x3ff);
      }
      p = putUtf8(output, p, point);
    }
    return p;
  }
}

/** Four bytes a character, highest first. */
export class Utf32Decoder implements CharsetDecoder {
  decode(input: Uint8Array, start: number, end: number, output: Uint8Array, position: number): number {
    if ((end - start) % 4 !== 0) return NOT_TEXT;
    let p = position;
    for (let at = start; at < end; at += 4) {
      const point = ((input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!) >>> 0;
      if (point > LAST_POINT || isSurrogate(point)) return NOT_TEXT;
      p = putUtf8(output, p, point);
    }
    return p;
  }
}
