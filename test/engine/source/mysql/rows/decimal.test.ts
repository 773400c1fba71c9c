import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

const BYTES_OF = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/** A number in the log's form, group by group from its text with all digits of the type. */
function encode(isNegative: boolean, integers: string, fraction: string): Buffer {
  const groups = [];
  for (let rest = integers; rest !== ''; rest = rest.slice(rest.length % 9 || 9)) groups.push(rest.slice(0, rest.length % 9 || 9));
  for (let rest = fraction; rest !== ''; rest = rest.slice(9)) groups.push(rest.slice(0, 9));
  const bytes = Buffer.concat(
    groups.map((digits) =>
      Buffer.from(
        Number(digits)
          .toString(16)
          .padStart(2 * BYTES_OF[digits.length]!, '0'),
        'hex',
      ),
    ),
  );
  bytes[0]! |= 0x80;
  return isNegative ? (bytes.map((byte) => ~byte) as Buffer) : bytes;
}

function decode(precision: number, scale: number, bytes: Buffer): string {
  const schema = binlogSchema([{ type: ColumnType.newDecimal, metadata: (precision << 8) | scale }]);
  return String(decodeRow(schema, Buffer.concat([Buffer.of(0), bytes]))[0]);
}

test('every digit of a DECIMAL, with its scale', () => {
  const shapes = fc.integer({ min: 1, max: 65 }).chain((precision) =>
    fc.integer({ min: 0, max: Math.min(38, precision) }).chain((scale) => {
      const digits = (length: number) =>
        length === 0 ? fc.constant('') : fc.stringMatching(new RegExp(`^(0{${length}}|[0-9]{${length}})$`));
      return fc.record({
        precision: fc.constant(precision),
        scale: fc.constant(scale),
        integers: digits(precision - scale),
        fraction: digits(scale),
      });
    }),
  );
  fc.assert(
    fc.property(shapes, fc.boolean(), ({ precision, scale, integers, fraction }, isNegative) => {
      const whole = integers.replace(/^0+/, '') || '0';
      const expected = `${isNegative ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`;
      assert.equal(decode(precision, scale, encode(isNegative, integers, fraction)), expected);
    }),
    { numRuns: 1000 },
  );
});

test('known bytes', () => {
  assert.equal(decode(14, 4, Buffer.from('810dfb38d204d2', 'hex')), '1234567890.1234');
  assert.equal(decode(14, 4, Buffer.from('7ef204c72dfb2d', 'hex')), '-1234567890.1234');
});

test('a group that is no decimal digits is refused', () => {
  assert.throws(() => decode(9, 0, Buffer.from('bb9aca00', 'hex')), /VALUE_INVALID|groups of decimal digits/);
});
