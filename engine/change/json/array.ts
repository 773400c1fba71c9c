import type { ByteView } from '../../base/byte-view.ts';
import { equals } from './equals.ts';
import { failValue } from './fail.ts';
import { writeNull } from './null.ts';
import type { ValuePlan } from './plan.ts';
import { QuotedReader } from './quoted.ts';
import { writeScalar } from './scalar.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const BOUNDS = 0x5b;
const EQUALS = 0x3d;
const NULL = new TextEncoder().encode('NULL');

const token = new QuotedReader();

/**
 * Writes PostgreSQL's array text, `{1,NULL,3}` or `[0:1]={{"a b"},{c}}` (PostgreSQL manual 8.15.6), as nested JSON arrays. Lower bounds
 * are dropped. An unquoted `NULL` is null, a quoted one is the string; the server quotes whatever could be taken for syntax.
 * @throws MillraceError VALUE_INVALID for anything else
 */
export function writeArray(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const bytes = input.bytes;
  const to = output.bytes;
  const element = plan.element!;
  const delimiter = plan.delimiter;
  let at = afterBounds(bytes, start, end);
  let depth = 0;
  // Whether a value or an opening brace comes next; `{}` is let in when it closes at once.
  let wantsValue = true;
  let opened = false;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === OPEN && wantsValue) {
      to[position++] = 0x5b;
      depth++;
      opened = true;
      at++;
      continue;
    }
    if (byte === CLOSE && depth > 0 && (!wantsValue || opened)) {
      to[position++] = 0x5d;
      at++;
      if (--depth === 0) return at === end ? position : failArray(plan, input, start, end);
      wantsValue = false;
    } else if (byte === delimiter && depth > 0 && !wantsValue) {
      to[position++] = 0x2c;
      at++;
      wantsValue = true;
    } else if (wantsValue && depth > 0) {
      if (byte === QUOTE) {
        at = token.read(input, at + 1, end);
        if (at < 0) failArray(plan, input, start, end);
        position = writeScalar(element, token.view, token.start, token.end, output, position);
      } else {
        const stop = unquotedEnd(bytes, at, end, delimiter);
        if (stop === at) failArray(plan, input, start, end);
        position = equals(bytes, at, stop, NULL) ? writeNull(output, position) : writeScalar(element, input, at, stop, output, position);
        at = stop;
      }
      wantsValue = false;
    } else {
      failArray(plan, input, start, end);
    }
    opened = false;
  }
  return failArray(plan, input, start, end);
}

/** Skips `[lower:upper]...=` in front of an array whose bounds do not start at 1. */
function afterBounds(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== BOUNDS) return start;
  let at = start;
  while (at < end && bytes[at] !== EQUALS) at++;
  return at + 1;
}

/** The end of an element without quotes, which holds no syntax. `at` itself when there is none. */
function unquotedEnd(bytes: Uint8Array, at: number, end: number, delimiter: number): number {
  let stop = at;
  for (; stop < end; stop++) {
    const byte = bytes[stop]!;
    if (byte === delimiter || byte === CLOSE) return stop;
    if (byte === OPEN || byte === QUOTE || byte === BACKSLASH) return at;
  }
  return stop;
}

function failArray(plan: ValuePlan, input: ByteView, start: number, end: number): never {
  failValue(plan, input, start, end, `an array literal with '${String.fromCharCode(plan.delimiter)}' between elements`);
}
