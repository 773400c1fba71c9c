import type { ByteView } from '../../base/byte-view.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';
import { writeUint64 } from './uint64.ts';

const ZERO = 0x30;

/**
 * Writes a bit string of at most 64 bits as a number, the first bit the highest.
 * @throws MillraceError VALUE_INVALID when it has other characters than 0 and 1, none, or more than 64
 */
export function writeBits(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const length = end - start;
  if (length === 0 || length > 64) failValue(plan, input, start, end, 'between 1 and 64 bits');
  let high = 0;
  let low = 0;
  for (let i = 0; i < length; i++) {
    const bit = input.bytes[start + i]! - ZERO;
    if (bit !== 0 && bit !== 1) failValue(plan, input, start, end, 'a string of 0 and 1');
    const fromRight = length - 1 - i;
    if (fromRight < 32) low |= bit << fromRight;
    else high |= bit << (fromRight - 32);
  }
  return writeUint64(high, low, output, position);
}
