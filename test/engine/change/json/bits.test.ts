import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

test('up to 64 bits are a number', () => {
  const bits = (text: string) => jsonOf({ kind: 'bit', length: text.length }, text);
  assert.equal(bits('0'), '0');
  assert.equal(bits('00000101'), '5');
  assert.equal(bits('1'.repeat(32)), '4294967295');
  assert.equal(bits('1'.repeat(64)), '18446744073709551615');
  assert.equal(bits(`1${'0'.repeat(63)}`), '9223372036854775808');
  assert.equal(bits((10n ** 18n).toString(2).padStart(64, '0')), '1000000000000000000');
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 1, max: 64 }), (value, length) => {
      const text = BigInt.asUintN(length, value).toString(2).padStart(length, '0');
      assert.equal(bits(text), BigInt.asUintN(length, value).toString());
    }),
  );
});

test('longer bit strings, and those of varying length, keep their zeros as strings', () => {
  assert.equal(jsonOf({ kind: 'bit', length: 65 }, `0${'1'.repeat(64)}`), `"0${'1'.repeat(64)}"`);
  assert.equal(jsonOf({ kind: 'bit', length: -1 }, '0101'), '"0101"');
  assert.equal(jsonOf({ kind: 'bit', length: -1 }, ''), '""');
});

test('other characters, none and too many are refused', () => {
  assertRefused({ kind: 'bit', length: 8 }, '0000010x', /expected a string of 0 and 1/);
  assertRefused({ kind: 'bit', length: 8 }, '2', /expected a string of 0 and 1/);
  assertRefused({ kind: 'bit', length: 8 }, '', /expected between 1 and 64 bits/);
  assertRefused({ kind: 'bit', length: 8 }, '1'.repeat(65), /expected between 1 and 64 bits/);
});
