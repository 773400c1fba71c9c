import assert from 'node:assert/strict';
import test from 'node:test';
import { ColumnKind } from '../../../../engine/change/column-kind.ts';
import { ColumnType } from '../../../../engine/source/mysql/binlog/column-types.ts';
import type { LogColumn } from '../../../../engine/source/mysql/rows/layout.ts';
import { valueTypeOf } from '../../../../engine/source/mysql/types.ts';

type Row = readonly [type: number, rest: Partial<LogColumn>, kind: keyof typeof ColumnKind, sourceType: string, length?: number];

const ROWS: readonly Row[] = [
  [ColumnType.tiny, {}, 'int', 'tinyint'],
  [ColumnType.short, { isUnsigned: true }, 'uint', 'smallint unsigned'],
  [ColumnType.int24, {}, 'int', 'mediumint'],
  [ColumnType.long, { isUnsigned: true }, 'uint', 'int unsigned'],
  [ColumnType.longlong, {}, 'int', 'bigint'],
  [ColumnType.float, { metadata: 4 }, 'float32', 'float'],
  [ColumnType.double, { metadata: 8, isUnsigned: true }, 'float64', 'double unsigned'],
  [ColumnType.newDecimal, { metadata: (10 << 8) | 2 }, 'decimal', 'decimal(10,2)'],
  [ColumnType.bit, { metadata: 9 }, 'bit', 'bit(9)', 9],
  [ColumnType.year, { isUnsigned: true }, 'year', 'year'],
  [ColumnType.date, {}, 'date', 'date'],
  [ColumnType.time2, { metadata: 3 }, 'time', 'time(3)'],
  [ColumnType.datetime2, {}, 'datetime', 'datetime'],
  [ColumnType.datetime, {}, 'datetime', 'datetime'],
  [ColumnType.timestamp2, { metadata: 6 }, 'timestamptz', 'timestamp(6)'],
  [ColumnType.varchar, { metadata: 80, charset: 'utf8mb4' }, 'text', 'varchar(20)', 20],
  [ColumnType.varchar, { metadata: 80, charset: 'latin1' }, 'text', 'varchar(80)', 80],
  [ColumnType.varchar, { metadata: 80, charset: 'binary' }, 'bytes', 'varbinary(80)', 80],
  [ColumnType.string, { metadata: 1020, charset: 'utf8mb4' }, 'text', 'char(255)', 255],
  [ColumnType.string, { metadata: 16, charset: 'binary' }, 'bytes', 'binary(16)', 16],
  [ColumnType.blob, { metadata: 1, charset: 'binary' }, 'bytes', 'tinyblob'],
  [ColumnType.blob, { metadata: 4, charset: 'utf8mb4' }, 'text', 'longtext'],
  [ColumnType.blobCompressed, { metadata: 2, charset: 'utf8mb4' }, 'text', 'text'],
  [ColumnType.enum, { metadata: 1, charset: 'utf8mb4', labels: ['a', "it's"] }, 'enum', "enum('a','it''s')"],
  [ColumnType.set, { metadata: 1, charset: 'utf8mb4', labels: ['a', 'b'] }, 'set', "set('a','b')"],
  [ColumnType.json, { metadata: 4 }, 'json', 'json'],
  [ColumnType.vector, { metadata: 4 }, 'json', 'vector'],
  [ColumnType.geometry, { metadata: 4 }, 'geometry', 'geometry'],
  [ColumnType.blob, { metadata: 4, charset: 'utf8mb4', meaning: 'json' }, 'json', 'json'],
  [ColumnType.string, { metadata: 16, charset: 'binary', meaning: 'uuid' }, 'uuid', 'uuid'],
  [ColumnType.string, { metadata: 16, charset: 'binary', meaning: 'inet6' }, 'text', 'inet6'],
];

test('what a column of the log is', () => {
  for (const [type, rest, kind, sourceType, length = -1] of ROWS) {
    const column = { type, metadata: 0, isUnsigned: false, charset: null, labels: null, meaning: null, ...rest };
    assert.deepEqual(valueTypeOf(column), { kind: ColumnKind[kind], sourceType, length }, sourceType);
  }
});

test('a type code that no server writes is nothing', () => {
  for (const type of [0, 6, 20, 144, 200, 243]) {
    assert.equal(valueTypeOf({ type, metadata: 0, isUnsigned: false, charset: null, labels: null, meaning: null }), null);
  }
});
