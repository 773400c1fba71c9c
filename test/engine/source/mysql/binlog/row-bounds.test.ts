import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { RowBounds, valueBytes } from '../../../../../engine/source/mysql/binlog/row-bounds.ts';

test('the bytes of values by type and metadata', () => {
  const bytes = (type: number, metadata = 0): number | null => valueBytes({ type, metadata });
  assert.deepEqual([bytes(ColumnType.newDecimal, (10 << 8) | 2), bytes(ColumnType.newDecimal, (65 << 8) | 30)], [5, 30]);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((digits) => bytes(ColumnType.datetime2, digits)),
    [5, 6, 6, 7, 7, 8, 8],
  );
  assert.deepEqual([bytes(ColumnType.time2, 6), bytes(ColumnType.timestamp2, 3), bytes(ColumnType.bit, 9)], [6, 6, 2]);
  assert.deepEqual([bytes(ColumnType.varchar, 255), bytes(ColumnType.varchar, 256), bytes(ColumnType.longBlob, 4)], [-1, -2, -4]);
});

test('metadata that no server writes has no length', () => {
  for (const [type, metadata] of [
    [ColumnType.newDecimal, (66 << 8) | 2],
    [ColumnType.newDecimal, (5 << 8) | 6],
    [ColumnType.datetime2, 7],
    [ColumnType.bit, 65],
    [ColumnType.enum, 3],
    [ColumnType.set, 9],
    [ColumnType.blob, 5],
    [ColumnType.decimal, 0],
  ] as const) {
    assert.equal(valueBytes({ type, metadata }), null, `${type} ${metadata}`);
  }
});

test('rows end where their last value does, with nulls and without', () => {
  // Four bytes, a short text, two bytes.
  const bounds = new RowBounds([4, -1, 2]);
  const whole = Uint8Array.of(0xf8, 1, 1, 1, 1, 3, 65, 66, 67, 9, 9, 77);
  assert.equal(bounds.end(whole, 0, whole.length), 11);
  assert.equal(bounds.end(whole, 0, 11), 11);
  for (let limit = 0; limit < 11; limit++) assert.equal(bounds.end(whole, 0, limit), -1, `cut at ${limit}`);
  const nulls = Uint8Array.of(0xfa, 1, 1, 1, 1, 9, 9, 77);
  assert.equal(bounds.end(nulls, 0, nulls.length), 7);
  for (let limit = 0; limit < 7; limit++) assert.equal(bounds.end(nulls, 0, limit), -1, `cut at ${limit}`);
});

test('rows of some columns alone have null bits for those alone', () => {
  const bounds = new RowBounds([4, -1, 2, -2, 1, 1, 1, 1, 1, 8]);
  // Columns 1, 3 and 9 are there, and the second of them is null.
  const present = Uint8Array.of(0b0000_1010, 0b10);
  const row = Uint8Array.of(0b010, 2, 65, 66, 1, 2, 3, 4, 5, 6, 7, 8);
  assert.equal(bounds.partialEnd(row, 0, row.length, present, 0), row.length);
  for (let limit = 0; limit < row.length; limit++) assert.equal(bounds.partialEnd(row, 0, limit, present, 0), -1);
});
