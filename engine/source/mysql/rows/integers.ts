import type { ByteView } from '../../../base/byte-view.ts';
import { writeInteger } from '../../../change/json/number.ts';
import { writeUint64 } from '../../../change/json/uint64.ts';
import { fixed, type ColumnDecoder } from './column-decoder.ts';
import { writeDigits } from './digits.ts';

const MINUS = 0x2d;
/** `-9223372036854775808` and `18446744073709551615` */
const INTEGER_ROOM = 20;
const YEAR_ROOM = 4;
/** What a year's byte counts from; a byte of 0 is the year 0000. */
const YEAR_BASE = 1900;

/** A column of integers of 1, 2, 3, 4 or 8 bytes, little-endian. */
export function integerColumn(size: 1 | 2 | 3 | 4 | 8, isUnsigned: boolean): ColumnDecoder {
  return fixed(size, INTEGER_ROOM, isUnsigned ? UNSIGNED[size] : SIGNED[size]);
}

/** A column of BIT values: big-endian, without a sign. */
export function bitColumn(bits: number): ColumnDecoder {
  return fixed((bits + 7) >> 3, INTEGER_ROOM, (input, start, end, output, position) => {
    let high = 0;
    let low = 0;
    for (let at = start; at < end; at++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | input.bytes[at]!;
    }
    return writeUint64(high, low, output, position);
  });
}

export const YEAR_COLUMN: ColumnDecoder = fixed(1, YEAR_ROOM, (input, start, _end, output, position) => {
  const byte = input.bytes[start]!;
  return writeDigits(byte === 0 ? 0 : YEAR_BASE + byte, 4, output.bytes, position);
});

const SIGNED = {
  1: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.view.getInt8(start), output, position),
  2: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.view.getInt16(start, true), output, position),
  3: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger((input.view.getInt8(start + 2) << 16) | input.view.getUint16(start, true), output, position),
  4: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.view.getInt32(start, true), output, position),
  8: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInt64(input.view.getInt32(start + 4, true), input.view.getInt32(start, true), output, position),
};

const UNSIGNED = {
  1: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.bytes[start]!, output, position),
  2: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.view.getUint16(start, true), output, position),
  3: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger((input.bytes[start + 2]! << 16) | input.view.getUint16(start, true), output, position),
  4: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeInteger(input.view.getUint32(start, true), output, position),
  8: (input: ByteView, start: number, _end: number, output: ByteView, position: number) =>
    writeUint64(input.view.getInt32(start + 4, true), input.view.getInt32(start, true), output, position),
};

/** Writes the signed number of 64 bits in two words. */
export function writeInt64(high: number, low: number, output: ByteView, position: number): number {
  if (high >= 0) return writeUint64(high, low, output, position);
  output.bytes[position] = MINUS;
  const negated = -low | 0;
  return writeUint64(negated === 0 ? -high | 0 : ~high, negated, output, position + 1);
}
