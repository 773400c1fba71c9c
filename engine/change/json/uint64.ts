import type { ByteView } from '../../base/byte-view.ts';
import { writeInteger } from './number.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const LIMB = 65_536;
/** Digits that one division takes off: the largest power of ten whose remainder times LIMB is exact in a double. */
const CHUNK = 1_000_000_000;
const CHUNK_DIGITS = 9;

/** A number of 64 bits in four limbs of 16, highest first. */
const limbs = new Uint16Array(4);

/** Writes the unsigned number of 64 bits in two words, in decimal. */
export function writeUint64(high: number, low: number, output: ByteView, position: number): number {
  limbs[0] = high >>> 16;
  limbs[1] = high;
  limbs[2] = low >>> 16;
  limbs[3] = low;
  const last = divideByChunk();
  const middle = divideByChunk();
  const first = limbs[3];
  if (first !== 0) position = writeInteger(first, output, position);
  if (first === 0 && middle === 0) return writeInteger(last, output, position);
  position = first === 0 ? writeInteger(middle, output, position) : writeChunk(middle, output, position);
  return writeChunk(last, output, position);
}

/** The same of a two's-complement number, with its sign. */
export function writeInt64(high: number, low: number, output: ByteView, position: number): number {
  if (high >= 0) return writeUint64(high, low, output, position);
  output.bytes[position] = MINUS;
  return writeUint64(low === 0 ? -high : ~high, -low, output, position + 1);
}

/** Divides `limbs` by CHUNK and returns the remainder. */
function divideByChunk(): number {
  let remainder = 0;
  for (let i = 0; i < 4; i++) {
    const part = remainder * LIMB + limbs[i]!;
    const quotient = Math.floor(part / CHUNK);
    limbs[i] = quotient;
    remainder = part - quotient * CHUNK;
  }
  return remainder;
}

/** Nine digits, with leading zeros. */
function writeChunk(value: number, output: ByteView, position: number): number {
  for (let i = CHUNK_DIGITS - 1; i >= 0; i--) {
    const quotient = Math.floor(value / 10);
    output.bytes[position + i] = ZERO + (value - quotient * 10);
    value = quotient;
  }
  return position + CHUNK_DIGITS;
}
