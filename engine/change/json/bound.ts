import type { ByteView } from './byte-view.ts';
import { JsonForm, type ValuePlan } from './plan.ts';

/**
 * Bytes that a value can take beyond what grows with its text: quotes, `.000000`, the 8-byte stores of constants beside it, `null`.
 */
export const VALUE_OVERHEAD = 32;

/** Most bytes of JSON for one byte of a value's text: a control character as \u00XX; `t,` as `true,` and the like are less. */
export const VALUE_FACTOR = 6;

/** JSON bytes for each byte of a string. */
const TEXT_BYTES = textBytes();

function textBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(1);
  table.fill(VALUE_FACTOR, 0, 0x20);
  table[0x22] = 2;
  table[0x5c] = 2;
  // The lead of 4 bytes that become 12.
  table.fill(9, 0xf0);
  return table;
}

/** An upper bound of the bytes that `writeValue` writes: close for strings, numbers, JSON and bytes; found by reading the value. */
export function valueBound(plan: ValuePlan, input: ByteView, start: number, end: number): number {
  switch (plan.form) {
    case JsonForm.text: {
      let sum = VALUE_OVERHEAD;
      for (let at = start; at < end; at++) sum += TEXT_BYTES[input.bytes[at]!]!;
      return sum;
    }
    case JsonForm.number:
    case JsonForm.json:
      return end - start + VALUE_OVERHEAD;
    case JsonForm.bytes:
      // Hex is longer than base64. Of the escape form, 3 bytes take 4.
      return Math.ceil((end - start) / 3) * 4 + VALUE_OVERHEAD;
    default:
      return (end - start) * VALUE_FACTOR + VALUE_OVERHEAD;
  }
}
