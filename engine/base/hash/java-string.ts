/**
 * What Java's `String.hashCode` gives for the text whose UTF-8 is `bytes[start, end)`, as signed 32 bits. Java hashes UTF-16 units, so
 * characters are decoded on the way, and one beyond the basic plane counts as two units.
 */
export function javaStringHash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0;
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      h = (Math.imul(h, 31) + byte) | 0;
      at += 1;
    } else if (byte < 0xe0) {
      h = (Math.imul(h, 31) + (((byte & 0x1f) << 6) | (bytes[at + 1]! & 0x3f))) | 0;
      at += 2;
    } else if (byte < 0xf0) {
      h = (Math.imul(h, 31) + (((byte & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f))) | 0;
      at += 3;
    } else {
      const high = ((byte & 0x07) << 18) | ((bytes[at + 1]! & 0x3f) << 12);
      const beyond = (high | ((bytes[at + 2]! & 0x3f) << 6) | (bytes[at + 3]! & 0x3f)) - 0x10000;
      h = (Math.imul(h, 31) + (0xd800 | (beyond >> 10))) | 0;
      h = (Math.imul(h, 31) + (0xdc00 | (beyond & 0x3ff))) | 0;
      at += 4;
    }
  }
  return h;
}
