import assert from 'node:assert/strict';
import test from 'node:test';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { tableSchema, type TestRow } from '../../support/rows.ts';
import { message } from './maxwell-message.ts';

const SECOND = 1_000_000n;
const AT = '2025-09-09 19:28:43.4846';
const PLAIN = tableSchema([{ name: 'id', kind: 'int' }], ['id']);

test('options choose the fields, and columns are left out of data and old but not of keys', () => {
  const update: TestRow = {
    operation: 'update',
    oldImage: 'full',
    old: ['h', 'a', null, '1.50'],
    new: ['h', null, AT, '1.5'],
    commitMicros: SECOND,
    xid: 7,
    commit: true,
  };
  const head = '{"database":"test","table":"tx","type":"update","ts":1';
  assert.equal(
    message(update, { primaryKeyColumns: true, commitInfo: false, old: 'changed' }),
    `${head},"primary_key":["h"],"primary_key_columns":["hash"],"data":{"hash":"h","maker":null,"ts":"${AT}00","volume":1.5},` +
      '"old":{"maker":"a","ts":null,"volume":1.50}}',
  );
  assert.equal(
    message(update, { primaryKeyColumns: true, primaryKey: false, excludeColumns: ['hash', '/m.*/'] }),
    `${head},"xid":7,"commit":true,"primary_key_columns":["hash"],"data":{"ts":"${AT}00","volume":1.5},"old":{"ts":null,"volume":null}}`,
  );
  assert.equal(
    message(update, { nulls: false, old: 'full', excludeColumns: ['volume'] }),
    `${head},"xid":7,"commit":true,"primary_key":["h"],"data":{"hash":"h","ts":"${AT}00"},"old":{"hash":"h","maker":"a"}}`,
  );
  assert.equal(
    message(update, { nulls: false, excludeColumns: ['/.*/'] }),
    `${head},"xid":7,"commit":true,"primary_key":["h"],"data":{},"old":{}}`,
  );
});

test('without nulls, an update whose only old value was null still has its old', () => {
  const row: TestRow = { operation: 'update', oldImage: 'full', old: ['h', null, null, '1'], new: ['h', 'm', null, '1'] };
  const rest = (options: Partial<MaxwellOptions>) => message(row, { ...options, old: 'changed', nulls: false, commitInfo: false });
  assert.ok(rest({}).endsWith('"data":{"hash":"h","maker":"m","volume":1},"old":{}}'));
  const same: TestRow = { ...row, old: ['h', 'm', null, '1'] };
  assert.ok(message(same, { old: 'changed', nulls: false }).endsWith('"data":{"hash":"h","maker":"m","volume":1}}'));
});

test('camel case renames fields and columns, and no value', () => {
  const schema = tableSchema(
    [
      { name: 'user_id', kind: 'int' },
      { name: '_last_name_', kind: 'text' },
    ],
    ['user_id'],
  );
  const options = { naming: 'underscore_to_camelcase', primaryKeyColumns: true, schemaId: true } as const;
  assert.equal(
    message({ operation: 'update', oldImage: 'key', old: ['1', null], new: ['2', 'a_b'] }, options, schema, 'user_table'),
    '{"database":"test","table":"user_table","type":"update","ts":0,"xid":0,"schemaId":1,"primaryKey":[2],"primaryKeyColumns":["user_id"],' +
      '"data":{"userId":2,"lastName":"a_b"},"old":{"userId":1,"lastName":null}}',
  );
});

test('a row of a snapshot is an insert at its time, of no transaction', () => {
  const row: TestRow = { operation: 'insert', new: ['1'], snapshot: true, xid: 7, commitMicros: 1757417323n * SECOND };
  const written = '{"database":"test","table":"tx","type":"insert","ts":1757417323,"primary_key":[1],"data":{"id":1}}';
  assert.equal(message(row, { xoffset: true, position: 'lsn' }, PLAIN), written);
});
