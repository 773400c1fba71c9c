import { ByteView } from '../../base/byte-view.ts';
import { JsonForm, ValuePlan } from './plan.ts';
import { writeText } from './text.ts';

/** How many bytes `writeConstant` may write beyond the constant's end; the next writer overwrites them. */
export const CONSTANT_SLACK = 7;

/** Bytes that are known before any row comes, kept as 8-byte words. */
export class Constant {
  readonly words: Float64Array;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    this.words = toWords(bytes);
    this.length = bytes.length;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, 0, this.length);
  }
}

/**
 * The bytes as 8-byte words, the last one filled up with zeros. Doubles are carriers only: `setFloat64` stores the same 8 bytes that the
 * array holds, and 8 bytes of UTF-8 are never a NaN, whose bits an engine may change (its upper bytes would be 0xF0..0xFF before 0x7F
 * or 0xFF).
 */
export function toWords(bytes: Uint8Array): Float64Array {
  const words = new Float64Array((bytes.length + 7) >> 3);
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

/** Writes the constant, and up to CONSTANT_SLACK bytes more; returns its end. */
export function writeConstant(constant: Constant, output: ByteView, position: number): number {
  const words = constant.words;
  const view = output.view;
  for (let word = 0, at = position; word < words.length; word++, at += 8) view.setFloat64(at, words[word]!, true);
  return position + constant.length;
}

/** A name as a JSON string with its quotes, escaped as values are. For set-up, not for rows. */
export function jsonString(name: string): Uint8Array {
  const text = Buffer.from(name);
  const output = new ByteView(new Uint8Array(text.length * 6 + 2));
  const plan = new ValuePlan(JsonForm.text, null, 0, null, '', name, 'name');
  return output.bytes.slice(0, writeText(plan, new ByteView(text), 0, text.length, output, 0));
}
