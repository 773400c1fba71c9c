import type { ByteView } from '../../base/byte-view.ts';
import { equals } from './equals.ts';
import { failValue } from './fail.ts';
import type { ValuePlan } from './plan.ts';
import { QuotedReader } from './quoted.ts';
import { writeText } from './text.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const ARROW = new TextEncoder().encode('=>');
const NULL = new TextEncoder().encode('NULL');

const token = new QuotedReader();

/**
 * Writes an hstore, `"a"=>"1", "b"=>NULL`, as an object of strings and nulls, in its own order (by length of key, then by bytes).
 * @throws MillraceError VALUE_INVALID for anything else
 */
export function writeMap(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  const to = output.bytes;
  to[position++] = 0x7b;
  let at = start;
  while (at < end) {
    if (at > start) {
      if (bytes[at] !== COMMA || bytes[at + 1] !== SPACE) failMap(plan, input, start, end);
      to[position++] = COMMA;
      at += 2;
    }
    if (at >= end || bytes[at] !== QUOTE) failMap(plan, input, start, end);
    at = token.read(input, at + 1, end);
    if (at < 0) failMap(plan, input, start, end);
    position = writeText(plan, token.view, token.start, token.end, output, position);
    to[position++] = COLON;
    if (!equals(bytes, at, Math.min(at + 2, end), ARROW)) failMap(plan, input, start, end);
    at += 2;
    if (equals(bytes, at, Math.min(at + 4, end), NULL)) {
      to.set(JSON_NULL, position);
      position += 4;
      at += 4;
      continue;
    }
    if (at >= end || bytes[at] !== QUOTE) failMap(plan, input, start, end);
    at = token.read(input, at + 1, end);
    if (at < 0) failMap(plan, input, start, end);
    position = writeText(plan, token.view, token.start, token.end, output, position);
  }
  to[position] = 0x7d;
  return position + 1;
}

const JSON_NULL = new TextEncoder().encode('null');

function failMap(plan: ValuePlan, input: ByteView, start: number, end: number): never {
  failValue(plan, input, start, end, 'an hstore, "key"=>"value" or "key"=>NULL, with a comma and a blank between two');
}
