import assert from 'node:assert/strict';
import test from 'node:test';
import { createEncoder } from '../../../engine/encode/formats.ts';
import { KV_JSON, MAXWELL } from '../../support/formats.ts';
import { maxwellCase } from '../../support/maxwell-cases.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { ABSENT, type ImageValue, rowRecord, tableSchema, type TestRow } from '../../support/rows.ts';
import { type Columns, messageOf } from './maxwell-message.ts';

/** Rows of logs that leave columns out: `binlog_row_image` MINIMAL, NOBLOB, FULL_NODUP. */
const TABLE: Columns = { id: 'int', a: 'text', b: 'text' };
const NONE: ImageValue = ABSENT;

function parts(row: TestRow, columns: Columns = TABLE): string {
  const { text } = messageOf(columns, row);
  return text.slice(text.indexOf('"data":'), -1);
}

const update = (old: readonly ImageValue[], image: readonly ImageValue[]): TestRow => ({
  operation: 'update',
  oldImage: 'full',
  old,
  new: image,
});

test('an insert has the columns that the log has', () => {
  assert.equal(parts({ operation: 'insert', new: ['1', 'x', NONE] }), '"data":{"id":1,"a":"x"}');
  assert.equal(parts({ operation: 'insert', new: ['1', null, NONE] }), '"data":{"id":1,"a":null}');
  assert.equal(parts({ operation: 'insert', new: [NONE, NONE, NONE] }), '"data":{}');
});

test('MINIMAL: columns of the old row alone stand in data, and there is no old', () => {
  assert.equal(parts(update(['2', NONE, NONE], [NONE, 'y', NONE])), '"data":{"id":2,"a":"y"}');
  assert.equal(parts(update(['2', null, NONE], [NONE, NONE, 'z'])), '"data":{"id":2,"a":null,"b":"z"}', 'a null of the old row is known');
  assert.equal(parts(update(['2', NONE, NONE], ['3', NONE, NONE])), '"data":{"id":3},"old":{"id":2}', 'a new key');
  assert.equal(parts({ operation: 'delete', oldImage: 'full', old: ['2', NONE, NONE] }), '"data":{"id":2}');
});

test('NOBLOB and FULL_NODUP: data is as whole as both images make it, old has what is known to differ', () => {
  assert.equal(parts(update(['2', 'x', NONE], ['2', 'y', NONE])), '"data":{"id":2,"a":"y"},"old":{"a":"x"}');
  assert.equal(parts(update(['2', 'x', NONE], ['2', 'x', 'blob'])), '"data":{"id":2,"a":"x","b":"blob"}', 'the old blob is not known');
  assert.equal(parts(update(['2', 'x', 'w'], [NONE, 'y', NONE])), '"data":{"id":2,"a":"y","b":"w"},"old":{"a":"x"}');
});

test("the messages of Maxwell's case with MINIMAL", () => {
  const { messages } = maxwellCase('test_minimal');
  const wide: Columns = { id: 'int', ...Object.fromEntries(Array.from({ length: 10 }, (__, i) => [`i${i + 1}`, 'int' as const])) };
  const only = (values: Readonly<Record<number, string>>) => Array.from({ length: 11 }, (__, i) => values[i] ?? ABSENT);
  const rows: readonly (readonly [Columns, TestRow])[] = [
    [TABLE, { operation: 'insert', new: ['1', 'avalue', NONE] }],
    [TABLE, { operation: 'insert', new: ['2', 'avalue2', 'bvalue2'] }],
    [TABLE, update(['2', NONE, NONE], [NONE, 'avalue3', NONE])],
    [wide, { operation: 'insert', new: only({ 0: '1', 1: '555', 2: '777' }) }],
    [wide, update(only({ 0: '1' }), only({ 3: '444' }))],
  ];
  assert.equal(rows.length, messages.length);
  for (const [i, [columns, row]] of rows.entries()) {
    const { database, table } = messages[i]! as { database: string; table: string };
    assert.deepEqual(messageOf(columns, row, database, table).fields, messages[i]);
  }
});

test('primary_key is that of the old row where the new one has none', () => {
  const schema = tableSchema(
    Object.entries(TABLE).map(([name, kind]) => ({ name, kind })),
    ['id'],
    { valueForm: 'declared' },
  );
  const encoder = createEncoder({ ...MAXWELL, old: 'changed', primaryKey: true });
  const text = encodeBothWays(encoder, { schema, tableName: 't' }, rowRecord(update(['2', NONE, NONE], [NONE, 'y', NONE])))!.toString();
  assert.match(text, /"primary_key":\[2\],"data":\{"id":2,"a":"y"\}\}$/);
});

test('kv-json has what both images have', () => {
  const schema = tableSchema(
    Object.entries(TABLE).map(([name, kind]) => ({ name, kind })),
    ['id'],
    { valueForm: 'declared' },
  );
  const text = encodeBothWays(createEncoder(KV_JSON), { schema, tableName: 't' }, rowRecord(update(['2', null, NONE], [NONE, NONE, 'z'])));
  assert.equal(String(text), '{"id":2,"a":null,"b":"z"}');
});
