import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteView } from '../../../../engine/base/byte-view.ts';
import { PLAIN_VALUES } from '../../../../engine/change/json/plan.ts';
import { copyShortNumber, writeInteger } from '../../../../engine/change/json/number.ts';
import { assertRefused, jsonOf } from '../../../support/json-value.ts';

const KINDS = ['int', 'uint', 'decimal', 'float32', 'float64', 'year'] as const;
const VERBATIM = [
  '0',
  '-0',
  '1',
  '-32768',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615',
  '1.50',
  '0.5',
  '-0.5',
  '1e+10',
  '1e-05',
  '1E5',
  '0.3333333333333333',
  '-1.7976931348623157e+308',
  '0.000000000000000000000000000000000000000000000000000000000000',
  `${'9'.repeat(200)}.${'1'.repeat(200)}`,
];

test('numbers go out digit for digit', () => {
  for (const kind of KINDS) for (const text of VERBATIM) assert.equal(jsonOf({ kind }, text), text);
});

test('what JSON has no number for is a string', () => {
  for (const text of ['NaN', 'Infinity', '-Infinity']) assert.equal(jsonOf({ kind: 'decimal' }, text), `"${text}"`);
});

test("what is no number in JSON's grammar is refused", () => {
  const refused = [
    '',
    '-',
    '+1',
    '.5',
    '1.',
    '1..2',
    '1.2.3',
    '01',
    '-01',
    '00',
    '1e',
    '1e+',
    '1-2',
    '1/2',
    '1,2',
    '$1',
    ' 1',
    '1 ',
    '--1',
    '0x1',
    '1a',
    '1"',
    'nan',
    '-NaN',
    'Infinite',
    'infinity',
    '2025-09-09',
    '1e5.5',
    '12345678/',
    '1234567890123456789012345:',
  ];
  for (const text of refused) assertRefused({ kind: 'decimal' }, text, /expected a decimal number/);
});

test('any bytes are refused or make a JSON number of the same text', () => {
  const byte = fc.oneof(fc.constantFrom(...Buffer.from('0123456789.-+eE')), fc.integer({ min: 0, max: 255 }));
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), (bytes) => {
      const text = Buffer.from(bytes);
      let json: string;
      try {
        json = jsonOf({ kind: 'float64' }, text);
      } catch {
        assert.ok(!/^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text.toString('latin1')), text.toString());
        return;
      }
      accepted++;
      assert.equal(typeof JSON.parse(json), 'number');
      assert.equal(json, text.toString('latin1'));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(accepted > 100);
});

test('the short way writes what it takes exactly as the long one', () => {
  const out = new Uint8Array(32);
  const short = (text: string) => {
    const bytes = Buffer.from(text);
    const end = copyShortNumber(bytes, 0, bytes.length, out, 3);
    return end < 0 ? null : Buffer.from(out.subarray(3, end)).toString();
  };
  for (const text of ['0', '7', '42', '1.50', '0.5', '12345678901234567890']) assert.equal(short(text), text);
  for (const text of ['', '-1', '01', '1.', '.5', '1.2.3', '1e5', '123456789012345678901', 'x', '1/2'])
    assert.equal(short(text), null, text);
});

test('writeInteger writes what String() writes', () => {
  const output = new ByteView(new Uint8Array(24));
  const written = (value: number) => Buffer.from(output.bytes.subarray(2, writeInteger(value, output, 2))).toString();
  for (const value of [0, 9, 10, -1, 616699495, -1527714998, -2147483648, 2147483647, 1757417323, 999_999_999_999_999]) {
    assert.equal(written(value), String(value));
  }
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), (value) =>
      assert.equal(written(value), String(value)),
    ),
  );
});

test('a short decimal is the same number with no zero at the end of its fraction', () => {
  const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,30})$/);
  const fraction = fc.option(fc.stringMatching(/^[0-9]{1,30}$/), { nil: null });
  fc.assert(
    fc.property(fc.boolean(), digits, fraction, (isNegative, whole, part) => {
      const kept = part?.replace(/0+$/, '') ?? '';
      const number = (isNegative ? '-' : '') + whole;
      const written = jsonOf({ kind: 'decimal' }, part === null ? number : `${number}.${part}`, { ...PLAIN_VALUES, shortDecimals: true });
      assert.equal(written, kept === '' ? number : `${number}.${kept}`);
    }),
  );
});

test('a year has no zeros in front', () => {
  const year = (text: string) => jsonOf({ kind: 'year' }, text, PLAIN_VALUES, 'declared');
  assert.deepEqual(['0000', '1901', '2155', '0'].map(year), ['0', '1901', '2155', '0']);
  assertRefused({ kind: 'year' }, '20x5', /expected a decimal number/, PLAIN_VALUES, 'declared');
  assertRefused({ kind: 'year' }, '', /expected a decimal number/, PLAIN_VALUES, 'declared');
});
