import { crc32 as zlibCrc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb8_8320;
const SLICES = 8;
/** From here on zlib is faster, the call and the view that it takes included; measured. */
const LONG_BYTES = 256;

/** `TABLES[256 * k + b]`: the sum of byte b with k zero bytes behind it. */
const TABLES = makeTables();

/** CRC32 of `bytes[start, end)`, as a signed word. A call into zlib takes longer than the sum of a short event. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= LONG_BYTES) return zlibCrc32(bytes.subarray(start, end)) | 0;
  let sum = -1;
  let at = start;
  for (const last = end - SLICES; at <= last; at += SLICES) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    sum =
      TABLES[1792 + (sum & 0xff)]! ^
      TABLES[1536 + ((sum >>> 8) & 0xff)]! ^
      TABLES[1280 + ((sum >>> 16) & 0xff)]! ^
      TABLES[1024 + (sum >>> 24)]! ^
      TABLES[768 + bytes[at + 4]!]! ^
      TABLES[512 + bytes[at + 5]!]! ^
      TABLES[256 + bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < end; at++) sum = (sum >>> 8) ^ TABLES[(sum ^ bytes[at]!) & 0xff]!;
  return ~sum;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) !== 0 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    tables[byte] = sum;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}
