import type { ByteView } from '../../base/byte-view.ts';
import { failValue } from './fail.ts';
import { writeInteger } from './number.ts';
import type { ValuePlan } from './plan.ts';

const ZERO = 0x30;
const LIMB = 65_536;
/** Digits that one division takes off: the largest power of ten whose remainder times LIMB is exact in a double. */
const CHUNK = 1_000_000_000;
const CHUNK_DIGITS = 9;

/** A number of 64 bits in four limbs of 16, highest first. */
const limbs = new Uint16Array(4);

/**
 * Writes a bit string of at most 64 bits as a number, the first bit the highest.
 * @throws MillraceError VALUE_INVALID when it has other characters than 0 and 1, none, or more than 64
 */
export function writeBits(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const length = end - start;
  if (length === 0 || length > 64) failValue(plan, input, start, end, 'between 1 and 64 bits');
  limbs.fill(0);
  for (let i = 0; i < length; i++) {
    const bit = input.bytes[start + i]! - ZERO;
    if (bit !== 0 && bit !== 1) failValue(plan, input, start, end, 'a string of 0 and 1');
    const fromRight = length - 1 - i;
    const limb = 3 - (fromRight >> 4);
    limbs[limb] = limbs[limb]! | (bit << (fromRight & 15));
  }
  const low = divideByChunk();
  const middle = divideByChunk();
  const high = limbs[3]!;
  if (high !== 0) position = writeInteger(high, output, position);
  if (high === 0 && middle === 0) return writeInteger(low, output, position);
  position = high === 0 ? writeInteger(middle, output, position) : writeChunk(middle, output, position);
  return writeChunk(low, output, position);
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
