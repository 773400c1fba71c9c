import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnType } from '../../../../../engine/source/mysql/binlog/column-types.ts';
import { binlogSchema, decodeRow, type TestLogColumn } from '../../../../support/binlog-layout.ts';

const MYSQL: TestLogColumn = { type: ColumnType.vector, metadata: 4 };
const MARIADB: TestLogColumn = { type: ColumnType.varchar, metadata: 12, charset: 'binary', meaning: 'vector' };

function vector(values: readonly number[], prefix: number): Buffer {
  const floats = Buffer.from(Float32Array.from(values).buffer);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(floats.length);
  return Buffer.concat([Buffer.of(0), length.subarray(0, prefix), floats]);
}

test('a VECTOR is a JSON array of its floats', () => {
  assert.equal(String(decodeRow(binlogSchema([MYSQL]), vector([1, -0.1, 1e10], 4))[0]), '[1.0,-0.1,1.0E10]');
  assert.equal(String(decodeRow(binlogSchema([MARIADB]), vector([0.5, 0, 3], 1))[0]), '[0.5,0.0,3.0]');
  assert.equal(String(decodeRow(binlogSchema([MYSQL]), vector([], 4))[0]), '[]');
});

test('half a float, and what JSON has no number for, are refused', () => {
  const half = Buffer.from('0003000000aabbcc', 'hex');
  for (const image of [half, vector([Number.NaN], 4), vector([1, Infinity], 4)]) {
    assert.throws(() => decodeRow(binlogSchema([MYSQL]), image), { code: 'VALUE_INVALID' });
  }
});
