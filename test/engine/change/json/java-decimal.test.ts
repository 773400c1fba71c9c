import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';

const DECIMAL = { kind: 'decimal' } as const;
const written = (text: string) => jsonOf(DECIMAL, text, PLAIN_VALUES, 'declared');

/** BigDecimal.toString as its documentation describes it. */
function bigDecimal(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  const sign = unscaled < 0n ? '-' : '';
  const adjusted = digits.length - 1 - scale;
  if (adjusted < -6) return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${adjusted}`;
  if (scale === 0) return sign + digits;
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

test('digits and scale stay, but for an exponent below 0.000001', () => {
  const cases = [
    ['0.0000000000', '0E-10'],
    ['0.0000000001', '1E-10'],
    ['0.000000', '0.000000'],
    ['0.0000000', '0E-7'],
    ['0.000001', '0.000001'],
    ['0.0000001', '1E-7'],
    ['-0.00000012300', '-1.2300E-7'],
    ['1.50', '1.50'],
    ['3.1415900000', '3.1415900000'],
    ['10.0000000', '10.0000000'],
    ['-5', '-5'],
    ['0', '0'],
  ] as const;
  for (const [text, expected] of cases) assert.equal(written(text), expected);
});

test('any decimal is what BigDecimal makes of it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 38 }), fc.nat(40), (number, scale, shift) => {
      const unscaled = number / 10n ** BigInt(shift);
      const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
      const text = (unscaled < 0n ? '-' : '') + (scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
      assert.equal(written(text), bigDecimal(unscaled, scale));
    }),
    { numRuns: 2_000 },
  );
});

test('what is no decimal is refused', () => {
  for (const text of ['', '0.', '0.0000000x', '00.0000000'])
    assertRefused(DECIMAL, text, /expected a decimal number/, PLAIN_VALUES, 'declared');
});
