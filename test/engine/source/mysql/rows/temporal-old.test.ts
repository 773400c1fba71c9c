import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow } from '../../../../support/binlog-layout.ts';

function decode(type: number, digits: number, hex: string, zone = 'UTC'): string {
  return String(decodeRow(binlogSchema([{ type, metadata: digits }], { zone }), Buffer.from(`00${hex}`, 'hex'))[0]);
}

/** As MariaDB 10.11 logged them with `mysql56_temporal_format=OFF`, and what it showed. */
const LOGGED: readonly [number, number, string, string][] = [
  [ColumnType.time, 0, 'c01dfe', '-12:34:56'],
  [ColumnType.time, 3, '00b15478eb', '-12:34:56.789'],
  [ColumnType.time, 6, '057e7bbcf7ff', '838:59:59.999999'],
  [ColumnType.datetime, 0, '45ece7335f120000', '2020-01-02 03:04:05'],
  [ColumnType.datetime, 1, '00a90ce76d73', '2020-01-02 03:04:05.1'],
  [ColumnType.datetime, 6, '0101f350a161f580', '2020-01-02 03:04:05.123456'],
  [ColumnType.timestamp, 0, 'a55d0d5e', '2020-01-02 03:04:05'],
  [ColumnType.timestamp, 2, '5e0d5da50c', '2020-01-02 03:04:05.12'],
  [ColumnType.timestamp, 5, '5e0d5da5003039', '2020-01-02 03:04:05.12345'],
];

test('the temporal types of before MySQL 5.6, with a fraction where the catalogue told it', () => {
  for (const [type, digits, hex, text] of LOGGED) assert.equal(decode(type, digits, hex), text);
  assert.equal(decode(ColumnType.timestamp, 0, 'a55d0d5e', 'Asia/Tokyo'), '2020-01-02 12:04:05');
});

test('zeros', () => {
  assert.equal(decode(ColumnType.time, 0, '000000'), '00:00:00');
  assert.equal(decode(ColumnType.datetime, 0, '0000000000000000'), '0000-00-00 00:00:00');
  assert.equal(decode(ColumnType.datetime, 2, '000000000000'), '0000-00-00 00:00:00.00');
  assert.equal(decode(ColumnType.timestamp, 3, '000000000000'), '0000-00-00 00:00:00.000');
});

test('a clock that no clock shows is refused', () => {
  const broken: readonly [number, number, string][] = [
    [ColumnType.time, 0, '3c0000'],
    [ColumnType.time, 6, 'ffffffffffff'],
    [ColumnType.datetime, 0, 'ffffffffffffffff'],
    [ColumnType.datetime, 0, '3c00000000000000'],
    [ColumnType.datetime, 6, 'ffffffffffffffff'],
    [ColumnType.timestamp, 1, '5e0d5da50a'],
  ];
  for (const [type, digits, hex] of broken) assert.throws(() => decode(type, digits, hex), { code: 'VALUE_INVALID' });
});
