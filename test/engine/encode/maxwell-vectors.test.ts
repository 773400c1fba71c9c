import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { maxwellCase } from '../../support/maxwell-cases.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { type ImageValue, rowRecord, tableSchema, type TestRow } from '../../support/rows.ts';
import { type Columns, EVERY_FIELD, messageOf } from './maxwell-message.ts';

/** A row of a case: its columns, operation and images. */
type CaseRow = readonly [Columns, TestRow['operation'], ...(readonly ImageValue[])[]];

const ID_BLOB = (name: string): Columns => ({ id: 'uint', [name]: 'bytes' });
const ENUM: Columns = { id: 'uint', enum_field: 'enum' };
const TIMES: Columns = { t: 'time', small_t: 'time', dt: 'datetime', small_dt: 'datetime', ts: 'timestamptz' };
const WIDE: Columns = { id: 'int', textcol: 'text' };
const WIDER: Columns = { id: 'int', datecol: 'datetime', textcol: 'text' };
const WIDEST: Columns = { id: 'int', dummycol: 'int', datecol: 'datetime', textcol: 'text' };
const JSON_TEXT = '{"foo": "bar", "baz": [1,2,3,{"hello": "inside an array"}], "bar": 123.4321}';
const BYTES = Buffer.of(0, 1, 2, 3);
const DAY = '1979-10-01 00:00:00';

/** The rows of each case in the order of its expected messages; of an update and a delete the old image comes first. */
const CASES: Readonly<Record<string, readonly CaseRow[]>> = {
  test_bignum: [[{ id: 'uint', long_field: 'uint' }, 'insert', ['1', '18446744073709551615']]],
  test_blob: ['blob_field', 'binary_field', 'varbinary_field'].map((name) => [ID_BLOB(name), 'insert', ['1', BYTES]]),
  test_charsets: [[{ gbk: 'text', big5: 'text', ujis: 'text' }, 'insert', ['乪', '圖形碼', '河']]],
  test_column_case: [[{ ID: 'uint', bar_FIELD: 'text' }, 'insert', ['1', 'bar']]],
  test_create_like: [[{ id: 'int', flt: 'float32' }, 'insert', ['1', '1.5']]],
  test_create_select: [
    [{ id: 'int', flt: 'float32' }, 'insert', ['1', '0.5']],
    [{ id: 'int', flt: 'float32' }, 'insert', ['1', '0.5']],
  ],
  test_enum: ['bar', 'baz', 'foo'].map((label, i) => [ENUM, 'insert', [String(i + 1), label]]),
  test_json: [
    [{ j: 'json', i: 'int' }, 'insert', [JSON_TEXT, '0']],
    [{ j: 'json', i: 'int' }, 'update', [JSON_TEXT, '0'], [JSON_TEXT, '1']],
  ],
  test_time: [
    [TIMES, 'insert', [null, null, '0001-01-01 00:00:00.000000', null, null]],
    [
      TIMES,
      'insert',
      ['12:23:33.123456', '12:23:33.345', '2012-01-01 22:32:34.222222', '2012-01-01 22:32:34.123', '2012-01-01 22:32:34.1234'],
    ],
    [TIMES, 'insert', [null, null, '2000-01-01 01:00:00.999999', null, null]],
    [TIMES, 'insert', [null, null, '1950-01-01 01:00:00.999999', null, null]],
  ],
  test_1j: [
    [WIDE, 'insert', ['1', 'test_col_1']],
    [WIDE, 'insert', ['2', 'test_col_2']],
    [WIDER, 'insert', ['3', DAY, 'test_col_2']],
    [WIDER, 'update', ['1', null, 'test_col_1'], ['1', null, 'test_col_5']],
    [WIDER, 'update', ['1', null, 'test_col_5'], ['1', DAY, 'test_col_5']],
    [WIDEST, 'update', ['1', '10', DAY, 'test_col_5'], ['1', '5', DAY, 'test_col_5']],
    [WIDER, 'update', ['1', DAY, 'test_col_5'], ['1', '1970-01-01 00:00:00', 'test_col_5']],
    [WIDER, 'delete', ['1', '1970-01-01 00:00:00', 'test_col_5']],
    [WIDER, 'delete', ['2', null, 'test_col_2']],
    [WIDER, 'delete', ['3', DAY, 'test_col_2']],
  ],
};

describe("the messages of Maxwell's own cases", () => {
  for (const [name, rows] of Object.entries(CASES)) {
    test(name, () => {
      const { messages } = maxwellCase(name);
      assert.equal(rows.length, messages.length);
      for (const [i, [columns, operation, ...images]] of rows.entries()) {
        const { database, table } = messages[i]! as { database: string; table: string };
        const [old, image] = operation === 'insert' ? [undefined, images[0]] : [images[0], images[1]];
        const row: TestRow = {
          operation,
          oldImage: old === undefined ? 'none' : 'full',
          ...(old === undefined ? {} : { old }),
          ...(image === undefined ? {} : { new: image }),
        };
        assert.deepEqual(messageOf(columns, row, database, table).fields, messages[i]);
      }
    });
  }
});

test('all fields stand in their order and form', () => {
  const columns = [
    { name: 'Hash', kind: 'text' },
    { name: 'maker', kind: 'text' },
    { name: 'volume', kind: 'decimal' },
    { name: 'f', kind: 'float64' },
    { name: 'set', kind: 'set' },
    { name: 'big', kind: 'uint' },
    { name: 'j', kind: 'json' },
  ] as const;
  const schema = tableSchema(columns, ['Hash', 'maker'], { schema: 'test', valueForm: 'declared', logName: 'master' });
  const encoder = new MaxwellEncoder({ ...EVERY_FIELD, commitInfo: true, xoffset: true });
  encoder.origin(null, 23_042, 108);
  const rest = ['1.5', 'a,b', '18446744073709551615', '{"b": 1}'];
  const row: TestRow = {
    operation: 'update',
    oldImage: 'full',
    old: ['5dc0', 'x', '1.50', ...rest],
    new: ['5dc0', null, '0.0000000000', ...rest],
    commitMicros: 1_757_417_323_000_000n,
    xid: 616_699_495,
    lsn: (6n << 40n) | 800_911n,
  };
  const written = (given: TestRow) => String(encodeBothWays(encoder, { schema, tableName: 'tx' }, rowRecord(given)));
  const message = (commit: string) =>
    `{"database":"test","table":"tx","type":"update","ts":1757417323,"xid":616699495,${commit},"position":"master.000006:800911",` +
    '"gtid":null,"server_id":23042,"thread_id":108,"schema_id":1,"primary_key":["5dc0",null],"primary_key_columns":["Hash","maker"],' +
    '"data":{"Hash":"5dc0","maker":null,"volume":0E-10,"f":1.5,"set":["a","b"],"big":18446744073709551615,"j":{"b": 1}},' +
    '"old":{"maker":"x","volume":1.50}}';
  assert.equal(written(row), message('"xoffset":0'));
  assert.equal(written({ ...row, commit: true }), message('"commit":true'));
  assert.equal(written({ ...row, xid: null }), message('"xoffset":0').replace('"xid":616699495,', ''), 'of an engine without transactions');
});
