import { assert, unreachable } from '../../base/assert.ts';
import { writeBytes, writeRawBytes } from './binary.ts';
import { writeBits } from './bits.ts';
import type { ByteView } from '../../base/byte-view.ts';
import { writeDate, writeDateOrNull } from './date.ts';
import { failValue } from './fail.ts';
import { writeJavaDecimal } from './java-decimal.ts';
import { writeMap } from './map.ts';
import { writeNumber, writeShortDecimal, writeYear } from './number.ts';
import { JsonForm, type ValuePlan } from './plan.ts';
import { writeText } from './text.ts';
import { writeByClock, writeTime, writeTimestamptz } from './time.ts';

const LETTER_T = 0x74;
const LETTER_F = 0x66;

/** Writes any value but an array. */
export function writeScalar(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  switch (plan.form) {
    case JsonForm.number:
      return writeNumber(plan, input, start, end, output, position);
    case JsonForm.bool:
      return writeBool(plan, input, start, end, output, position);
    case JsonForm.text:
      return writeText(plan, input, start, end, output, position);
    case JsonForm.time:
      return writeTime(plan, input, start, end, output, position);
    case JsonForm.timestamptz:
      return writeTimestamptz(plan, input, start, end, output, position);
    case JsonForm.bytes:
      return writeBytes(plan, input, start, end, output, position);
    case JsonForm.json:
      return writeVerbatim(plan, input, start, end, output, position);
    case JsonForm.bits:
      return writeBits(plan, input, start, end, output, position);
    case JsonForm.set:
      return writeSet(plan, input, start, end, output, position);
    case JsonForm.map:
      return writeMap(plan, input, start, end, output, position);
    case JsonForm.clock:
      return writeByClock(plan, input, start, end, output, position);
    case JsonForm.shortDecimal:
      return writeShortDecimal(plan, input, start, end, output, position);
    case JsonForm.date:
      return writeDate(plan, input, start, end, output, position);
    case JsonForm.dateOrNull:
      return writeDateOrNull(plan, input, start, end, output, position);
    case JsonForm.rawBytes:
      return writeRawBytes(input, start, end, output, position);
    case JsonForm.javaDecimal:
      return writeJavaDecimal(plan, input, start, end, output, position);
    case JsonForm.year:
      return writeYear(plan, input, start, end, output, position);
    case JsonForm.array:
      break;
    default:
      return unreachable(plan.form);
  }
  assert(false, 'an array is no scalar');
}

function writeBool(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const byte = input.bytes[start];
  if (end - start !== 1 || (byte !== LETTER_T && byte !== LETTER_F)) failValue(plan, input, start, end, 't or f');
  if (byte === LETTER_T) {
    output.view.setInt32(position, 0x65757274, true);
    return position + 4;
  }
  output.view.setInt32(position, 0x736c6166, true);
  output.bytes[position + 4] = 0x65;
  return position + 5;
}

/** Embeds JSON as it is: the server has checked it. */
function writeVerbatim(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  if (start === end) failValue(plan, input, start, end, 'a JSON document');
  const shift = position - start;
  let at = start;
  for (const last = end - 4; at <= last; at += 4) output.view.setInt32(shift + at, input.view.getInt32(at, true), true);
  for (; at < end; at++) output.bytes[shift + at] = input.bytes[at]!;
  return shift + end;
}

/** Labels hold no comma, and one of them may be empty. */
function writeSet(plan: ValuePlan, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  output.bytes[position++] = 0x5b;
  let label = start;
  for (let at = start; at < end; at++) {
    if (input.bytes[at] !== 0x2c) continue;
    position = writeText(plan, input, label, at, output, position);
    output.bytes[position++] = 0x2c;
    label = at + 1;
  }
  if (start < end) position = writeText(plan, input, label, end, output, position);
  output.bytes[position] = 0x5d;
  return position + 1;
}
