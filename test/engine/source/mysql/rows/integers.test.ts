import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

const SIZES = [
  [ColumnType.tiny, 1],
  [ColumnType.short, 2],
  [ColumnType.int24, 3],
  [ColumnType.long, 4],
  [ColumnType.longlong, 8],
] as const;

function littleEndian(value: bigint, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return bytes.subarray(0, size);
}

function decodeOne(type: number, rest: object, value: Buffer): string {
  const [decoded] = decodeRow(binlogSchema([{ type, ...rest }]), Buffer.concat([Buffer.of(0), value]));
  return String(decoded);
}

function checkIntegers(isUnsigned: boolean): void {
  for (const [type, size] of SIZES) {
    const bits = BigInt(8 * size);
    const min = isUnsigned ? 0n : -(2n ** (bits - 1n));
    const max = min + 2n ** bits - 1n;
    const edges = [min, min + 1n, max - 1n, max, 0n, 1n, 9n, 10n, 2n ** (bits - 1n) - 1n];
    const check = (value: bigint) => assert.equal(decodeOne(type, { isUnsigned }, littleEndian(value, size)), String(value));
    edges.forEach(check);
    fc.assert(fc.property(fc.bigInt({ min, max }), check));
  }
}

test('integers of every size', () => checkIntegers(false));

test('unsigned integers of every size', () => checkIntegers(true));

test('BIT is a number without a sign, however many bits', () => {
  const check = (bits: number, value: bigint) => {
    const bytes = Buffer.from(value.toString(16).padStart(2 * Math.ceil(bits / 8), '0'), 'hex');
    assert.equal(decodeOne(ColumnType.bit, { metadata: bits }, bytes), String(value));
  };
  for (let bits = 1; bits <= 64; bits++) {
    for (const value of [0n, 1n, 2n ** BigInt(bits) - 1n, 2n ** BigInt(bits - 1)]) check(bits, value);
  }
  // Where Maxwell is wrong: all bits of a word and what lies above it.
  for (const value of [2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n]) check(64, value);
});

test('YEAR 0000 is no 1900', () => {
  const years = [0, 1, 70, 255].map((byte) => decodeOne(ColumnType.year, {}, Buffer.of(byte)));
  assert.deepEqual(years, ['0000', '1901', '1970', '2155']);
});
