import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { writeInt64, writeUint64 } from '../../../../engine/change/json/uint64.ts';

function written(value: bigint, write = writeUint64): string {
  const output = new ByteView(new Uint8Array(24));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return Buffer.from(output.bytes.subarray(1, write(high, Number(BigInt.asIntN(32, value)), output, 1))).toString();
}

test('every number of 64 bits is written with all its digits', () => {
  for (const value of [0n, 1n, 999_999_999n, 1_000_000_000n, 10n ** 18n, 10n ** 18n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
    assert.equal(written(value), String(value));
  }
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => assert.equal(written(value), String(value))));
});

test('so is every number with a sign', () => {
  for (const value of [0n, -1n, -(2n ** 31n), 2n ** 31n, -(2n ** 32n), 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(written(value, writeInt64), String(value));
  }
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => assert.equal(written(value, writeInt64), String(value))),
  );
});
