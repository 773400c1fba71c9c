import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

function decode(type: number, metadata: number, hex: string, zone = 'UTC'): string {
  return String(decodeRow(binlogSchema([{ type, metadata }], { zone }), Buffer.from(`00${hex}`, 'hex'))[0]);
}

/** Seconds since 1970 as TIMESTAMP has them. */
const timestamp = (iso: string) => (Date.parse(iso) / 1000).toString(16).padStart(8, '0');

/** A DATE's three bytes. */
function date(year: number, month: number, day: number): string {
  const packed = (year << 9) | (month << 5) | day;
  return Buffer.of(packed, packed >> 8, packed >> 16).toString('hex');
}

test('DATE, with parts that are zero', () => {
  const days: readonly [number, number, number, string][] = [
    [2015, 9, 30, '2015-09-30'],
    [0, 0, 0, '0000-00-00'],
    [2012, 0, 0, '2012-00-00'],
    [9999, 12, 31, '9999-12-31'],
  ];
  for (const [year, month, day, text] of days) assert.equal(decode(ColumnType.date, 0, date(year, month, day)), text);
});

test('TIME with a sign, beyond a day, and with a fraction', () => {
  const times: readonly [number, string, string][] = [
    [0, '800000', '00:00:00'],
    [0, 'b46efb', '838:59:59'],
    [0, '4b9105', '-838:59:59'],
    [1, '7ffffff6', '-00:00:00.1'],
    [3, '800000001e', '00:00:00.003'],
    [6, '7fffffffffff', '-00:00:00.000001'],
  ];
  for (const [digits, hex, text] of times) assert.equal(decode(ColumnType.time2, digits, hex), text);
});

test('TIMESTAMP in a zone, and beyond 2038', () => {
  assert.equal(decode(ColumnType.timestamp2, 0, timestamp('2025-07-01T12:00:00Z')), '2025-07-01 12:00:00');
  assert.equal(decode(ColumnType.timestamp2, 0, timestamp('2025-07-01T12:00:00Z'), 'Europe/Berlin'), '2025-07-01 14:00:00');
  assert.equal(decode(ColumnType.timestamp2, 0, timestamp('2025-01-01T23:30:00Z'), 'Europe/Berlin'), '2025-01-02 00:30:00');
  assert.equal(decode(ColumnType.timestamp2, 0, timestamp('2106-02-07T06:28:15Z')), '2106-02-07 06:28:15');
  assert.equal(decode(ColumnType.timestamp2, 3, '000000000000', 'Asia/Tokyo'), '0000-00-00 00:00:00.000');
});

test('a clock that no clock shows is refused', () => {
  const broken: readonly [number, number, string][] = [
    [ColumnType.time2, 0, '80003c'],
    [ColumnType.time2, 0, '800f00'],
    [ColumnType.time2, 2, '80000064'],
    [ColumnType.time2, 2, '7fffff01'],
    [ColumnType.datetime2, 0, '0000000000'],
    [ColumnType.datetime2, 0, '800000003c'],
    [ColumnType.datetime2, 0, 'ffffffffff'],
    [ColumnType.timestamp2, 6, '00000001ffffff'],
  ];
  for (const [type, metadata, hex] of broken) assert.throws(() => decode(type, metadata, hex), { code: 'VALUE_INVALID' });
});
