const ZERO = 0x30;

/** Writes the last `width` decimal digits of `value`, with leading zeros. Exact for integers up to 2^53. */
export function writeDigits(value: number, width: number, to: Uint8Array, position: number): number {
  for (let at = position + width - 1; at >= position; at--) {
    const rest = Math.floor(value / 10);
    to[at] = ZERO + (value - rest * 10);
    value = rest;
  }
  return position + width;
}

/** Writes a number below 2^32, without zeros in front. */
export function writeUint32(value: number, to: Uint8Array, position: number): number {
  let end = position + 1;
  for (let limit = 10; value >= limit; limit *= 10) end++;
  for (let at = end - 1; at >= position; at--) {
    const rest = (value / 10) >>> 0;
    to[at] = ZERO + (value - rest * 10);
    value = rest;
  }
  return end;
}

/** Writes two digits. */
export function writePair(value: number, to: Uint8Array, position: number): number {
  const tens = (value / 10) | 0;
  to[position] = ZERO + tens;
  to[position + 1] = ZERO + (value - tens * 10);
  return position + 2;
}

/** Writes a string of ASCII. */
export function writeAscii(text: string, to: Uint8Array, position: number): number {
  for (let i = 0; i < text.length; i++) to[position + i] = text.charCodeAt(i);
  return position + text.length;
}

/** The big-endian number in `bytes[start, end)`, of at most 6 bytes. */
export function readBigEndian(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 256 + bytes[at]!;
  return value;
}
