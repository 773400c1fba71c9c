import type { ByteView } from '../../base/byte-view.ts';
import { JsonForm, type ValuePlan } from './plan.ts';
import { needsEscape } from './text.ts';

const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/**
 * Bytes that a value can take beyond what grows with its text: quotes, `.000000`, the 8-byte stores of constants beside it, `null`.
 */
export const VALUE_OVERHEAD = 32;

/** Most bytes of JSON for one byte of a value's text: a control character as \u00XX; `t,` as `true,` and the like are less. */
export const VALUE_FACTOR = 6;

/** JSON bytes for each byte of a string. */
const TEXT_BYTES = textBytes();

/** Quotes; `true` for `t`; quotes and `.000000`. A set's elements have the form of the set. */
const ELEMENT_OVERHEAD: Readonly<Record<JsonForm, number>> = {
  [JsonForm.number]: 2,
  [JsonForm.bool]: 4,
  [JsonForm.text]: 2,
  [JsonForm.time]: 9,
  [JsonForm.timestamptz]: 9,
  [JsonForm.bytes]: 6,
  [JsonForm.json]: 0,
  [JsonForm.bits]: 0,
  [JsonForm.set]: 2,
  [JsonForm.map]: 2,
  [JsonForm.array]: 0,
  [JsonForm.shortDecimal]: 2,
  // Of a pattern's longest text, beside the text that it is made of.
  [JsonForm.clock]: 112,
  [JsonForm.date]: 2,
  [JsonForm.dateOrNull]: 2,
  [JsonForm.rawBytes]: 6,
  [JsonForm.javaDecimal]: 2,
  [JsonForm.year]: 0,
};

function textBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(1);
  table.fill(VALUE_FACTOR, 0, 0x20);
  for (const character of '"\\\b\t\n\f\r') table[character.charCodeAt(0)] = 2;
  // The lead of 4 bytes that become 12.
  table.fill(9, 0xf0);
  return table;
}

/** An upper bound of the bytes that `writeValue` writes, found by reading the value: a few bytes too many for a plain value. */
export function valueBound(plan: ValuePlan, input: ByteView, start: number, end: number): number {
  switch (plan.form) {
    case JsonForm.text:
    case JsonForm.map:
      return textBound(input, start, end) + VALUE_OVERHEAD;
    case JsonForm.set:
      return textBound(input, start, end) + elementsBound(plan, COMMA, input, start, end);
    case JsonForm.array:
      return textBound(input, start, end) + elementsBound(plan.element!, plan.delimiter, input, start, end);
    case JsonForm.bytes: {
      const isHex = input.bytes[start] === BACKSLASH && input.bytes[start + 1] === LETTER_X;
      const bytes = isHex ? (end - start) / 2 : end - start;
      return Math.ceil(bytes / 3) * 4 + VALUE_OVERHEAD;
    }
    case JsonForm.rawBytes:
      return Math.ceil((end - start) / 3) * 4 + VALUE_OVERHEAD;
    case JsonForm.clock:
      return plan.clock!.lengthMax + VALUE_OVERHEAD;
    default:
      return end - start + VALUE_OVERHEAD;
  }
}

/** Four bytes at a time where each stands for itself: this is read for large values only. */
function textBound({ bytes, view }: ByteView, start: number, end: number): number {
  let sum = end - start;
  let at = start;
  for (;;) {
    const last = end - 4;
    while (at <= last && !needsEscape(view.getInt32(at, true))) at += 4;
    if (at >= end) return sum;
    for (const next = Math.min(at + 4, end); at < next; at++) sum += TEXT_BYTES[bytes[at]!]! - 1;
  }
}

/** What elements take beyond their text; a delimiter inside an element counts as one too. */
function elementsBound(element: ValuePlan, delimiter: number, input: ByteView, start: number, end: number): number {
  let elements = 1;
  for (let at = start; at < end; at++) if (input.bytes[at] === delimiter) elements++;
  return elements * ELEMENT_OVERHEAD[element.form] + VALUE_OVERHEAD;
}
