import type { ByteView } from '../../../base/byte-view.ts';
import { writeUint64 } from '../../../change/json/uint64.ts';
import { fixed, type ColumnDecoder, type WriteValue } from './column-decoder.ts';
import { writeDigits, writeUint32 } from './digits.ts';

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

const SIGNED: Readonly<Record<1 | 2 | 3 | 4 | 8, WriteValue>> = {
  1: (input, start, _end, output, position) => writeInt32(input.view.getInt8(start), output, position),
  2: (input, start, _end, output, position) => writeInt32(input.view.getInt16(start, true), output, position),
  3: (input, start, _end, output, position) =>
    writeInt32((input.view.getInt8(start + 2) << 16) | input.view.getUint16(start, true), output, position),
  4: (input, start, _end, output, position) => writeInt32(input.view.getInt32(start, true), output, position),
  8: (input, start, _end, output, position) =>
    writeInt64(input.view.getInt32(start + 4, true), input.view.getInt32(start, true), output, position),
};

const UNSIGNED: Readonly<Record<1 | 2 | 3 | 4 | 8, WriteValue>> = {
  1: (input, start, _end, output, position) => writeUint32(input.bytes[start]!, output.bytes, position),
  2: (input, start, _end, output, position) => writeUint32(input.view.getUint16(start, true), output.bytes, position),
  3: (input, start, _end, output, position) =>
    writeUint32((input.bytes[start + 2]! << 16) | input.view.getUint16(start, true), output.bytes, position),
  4: (input, start, _end, output, position) => writeUint32(input.view.getUint32(start, true), output.bytes, position),
  8: (input, start, _end, output, position) =>
    writeUnsigned64(input.view.getInt32(start + 4, true), input.view.getInt32(start, true), output, position),
};

function writeInt32(value: number, output: ByteView, position: number): number {
  if (value >= 0) return writeUint32(value, output.bytes, position);
  output.bytes[position] = MINUS;
  return writeUint32(-value, output.bytes, position + 1);
}

/** Writes the signed number of 64 bits in two words. */
export function writeInt64(high: number, low: number, output: ByteView, position: number): number {
  if (high >= 0) return writeUnsigned64(high, low, output, position);
  output.bytes[position] = MINUS;
  const negated = -low | 0;
  return writeUnsigned64(negated === 0 ? -high | 0 : ~high, negated, output, position + 1);
}

/** Most numbers of 64 bits are small ones. */
function writeUnsigned64(high: number, low: number, output: ByteView, position: number): number {
  return high === 0 ? writeUint32(low >>> 0, output.bytes, position) : writeUint64(high, low, output, position);
}
