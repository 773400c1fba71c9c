import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { exactText, plainText } from '../../../../../engine/source/mysql/rows/plain-number.ts';

test('plain text has no exponent', () => {
  const texts = [0, -0, 3, -0.5, 1e-7, -1.25e-9, 1e21, -1.5e22, 123456.75].map(plainText);
  assert.deepEqual(texts, [
    '0',
    '-0',
    '3',
    '-0.5',
    '0.0000001',
    '-0.00000000125',
    '1000000000000000000000',
    '-15000000000000000000000',
    '123456.75',
  ]);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.match(plainText(value), /^-?\d+(\.\d+)?$/);
      assert.ok(Object.is(Number(plainText(value)), value));
    }),
  );
});

/** As Java's `new BigDecimal(value).toPlainString()` prints them. */
const EXACT: readonly [number, string][] = [
  [1e7, '10000000'],
  [-1e22, '-10000000000000000000000'],
  [1e23, '99999999999999991611392'],
  [0.0001, '0.000100000000000000004792173602385929598312941379845142364501953125'],
  [2 ** -20, '0.00000095367431640625'],
];

test('exact text has every digit', () => {
  for (const [value, text] of EXACT) assert.equal(exactText(value), text);
  assert.equal(exactText(Number.MIN_VALUE).length, 1076);
  assert.match(exactText(Number.MIN_VALUE), /^0\.0{323}4940656458412465/);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300 }), (value) => assert.equal(Number(exactText(value)), value)),
  );
});
