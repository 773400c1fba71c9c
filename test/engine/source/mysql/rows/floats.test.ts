import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { float32Text, float64Text } from '../../../../../engine/source/mysql/rows/floats.ts';

/** What Java writes of doubles, from version 19 on (its documentation of Double.toString; `4.9E-324` is its own example). */
const DOUBLES: readonly [number, string][] = [
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [100, '100.0'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [9_999_999, '9999999.0'],
  [1e7, '1.0E7'],
  [12_345_678.9, '1.23456789E7'],
  [-0.1, '-0.1'],
  [0.05, '0.05'],
  [2.71, '2.71'],
  [2e23, '2.0E23'],
  [Number.MIN_VALUE, '4.9E-324'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
  [2.2250738585072014e-308, '2.2250738585072014E-308'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
];

const FLOATS: readonly [number, string][] = [
  [0, '0.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [2.71, '2.71'],
  [16_777_216, '1.6777216E7'],
  [3.4028235e38, '3.4028235E38'],
  [1.17549435e-38, '1.1754944E-38'],
  [1e-45, '1.4E-45'],
  [9_999_999, '9999999.0'],
  [1e10, '1.0E10'],
  [2 ** -44, '5.684342E-14'],
];

test('doubles in Java layout', () => {
  for (const [value, text] of DOUBLES) assert.equal(float64Text(value), text);
});

test('a double comes back from its text, which has no digit more than JavaScript writes', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = float64Text(value);
      assert.ok(Object.is(Number(text), value), text);
      assert.ok(digitsOf(text).length <= Math.max(2, digitsOf(String(value)).length), text);
    }),
    { numRuns: 2000 },
  );
});

test('floats in Java layout', () => {
  for (const [value, text] of FLOATS) assert.equal(float32Text(Math.fround(value)), text);
});

test('a float comes back from its text, and from no shorter one', () => {
  const check = (value: number) => {
    const text = float32Text(value);
    assert.ok(Object.is(Math.fround(Number(text)), value), text);
    const digits = digitsOf(text).length;
    // Both decimals around the float that have a digit less (or two, the least that Java writes) are other floats.
    if (digits > 2) for (const shorter of around(value, digits - 1)) assert.notEqual(Math.fround(shorter), value, text);
  };
  fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), check), { numRuns: 2000 });
  for (let power = -149; power < 128; power++) check(2 ** power);
});

function digitsOf(text: string): string {
  return text.replace(/e.*/i, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
}

/** The decimals of so many digits that lie below and above. */
function around(value: number, digits: number): number[] {
  const near = value.toExponential(digits - 1);
  const exponent = Number(near.split('e')[1]);
  const unit = Number(`1e${exponent - digits + 1}`);
  return [Number(near) - unit, Number(near), Number(near) + unit];
}
