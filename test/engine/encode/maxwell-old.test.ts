import assert from 'node:assert/strict';
import test from 'node:test';
import type { MaxwellOptions } from '../../../engine/encode/encoder.ts';
import { MaxwellEncoder } from '../../../engine/encode/maxwell.ts';
import { MAXWELL } from '../../support/formats.ts';
import { encodeBothWays } from '../../support/native-rows.ts';
import { rowRecord, tableSchema, UNCHANGED, type TestRow } from '../../support/rows.ts';

const COLUMNS = [
  { name: 'id', kind: 'int' },
  { name: 'name', kind: 'text' },
  { name: 'big', kind: 'text' },
  { name: 'n', kind: 'decimal' },
] as const;
const KEYED = tableSchema(COLUMNS, ['id']);
const KEYLESS = tableSchema(COLUMNS, [], { replicaIdentity: 'full' });

/** `data` and `old` as they stand in the message. */
function parts(mode: MaxwellOptions['old'], row: TestRow, schema = KEYED, options: Partial<MaxwellOptions> = {}): string {
  const encoder = new MaxwellEncoder({ ...MAXWELL, primaryKey: false, old: mode, ...options });
  const text = encodeBothWays(encoder, { schema, tableName: 't' }, rowRecord(row))!.toString();
  JSON.parse(text);
  return text.slice(text.indexOf('"data":'), -1);
}

const NEW = ['1', 'new', 'big', '2.50'];
const DATA = '"data":{"id":1,"name":"new","big":"big","n":2.50}';
const KEY_ONLY = '{"id":1,"name":null,"big":null,"n":null}';

const update: TestRow = { operation: 'update', new: NEW };
const keyChange: TestRow = { operation: 'update', oldImage: 'key', old: ['7', null, null, null], new: NEW };
const fullUpdate: TestRow = { operation: 'update', oldImage: 'full', old: ['1', 'old', 'big', '2.5'], new: NEW };
const sameUpdate: TestRow = { operation: 'update', oldImage: 'full', old: NEW, new: NEW };
const toFromNull: TestRow = { operation: 'update', oldImage: 'full', old: ['1', null, 'big', '2.50'], new: ['1', 'new', null, '2.50'] };

test('update without an old image: key and full show the key, changed shows nothing', () => {
  assert.equal(parts('key', update), `${DATA},"old":${KEY_ONLY}`);
  assert.equal(parts('full', update), `${DATA},"old":${KEY_ONLY}`);
  assert.equal(parts('changed', update), DATA);
});

test('key change: one update, old has the old key', () => {
  const old = '"old":{"id":7,"name":null,"big":null,"n":null}';
  assert.equal(parts('key', keyChange), `${DATA},${old}`);
  assert.equal(parts('full', keyChange), `${DATA},${old}`);
  assert.equal(parts('changed', keyChange), `${DATA},"old":{"id":7}`);
});

test('update with the whole old row', () => {
  assert.equal(parts('key', fullUpdate), `${DATA},"old":${KEY_ONLY}`);
  assert.equal(parts('full', fullUpdate), `${DATA},"old":{"id":1,"name":"old","big":"big","n":2.5}`);
  // The texts 2.5 and 2.50 differ.
  assert.equal(parts('changed', fullUpdate), `${DATA},"old":{"name":"old","n":2.5}`);
});

test('changed: no old at all when no text differs; null against a value differs', () => {
  assert.equal(parts('changed', sameUpdate), DATA);
  assert.equal(parts('full', sameUpdate), `${DATA},"old":{"id":1,"name":"new","big":"big","n":2.50}`);
  assert.equal(parts('changed', toFromNull), '"data":{"id":1,"name":"new","big":null,"n":2.50},"old":{"name":null,"big":"big"}');
});

test('key change with the whole old row', () => {
  const row: TestRow = { ...fullUpdate, old: ['7', 'new', 'big', '2.50'] };
  assert.equal(parts('key', row), `${DATA},"old":{"id":7,"name":null,"big":null,"n":null}`);
  assert.equal(parts('changed', row), `${DATA},"old":{"id":7}`);
  assert.equal(parts('full', row), `${DATA},"old":{"id":7,"name":"new","big":"big","n":2.50}`);
});

test('unchanged TOAST without an old image is left out of data', () => {
  const row: TestRow = { operation: 'update', new: ['1', 'new', UNCHANGED, '2.50'] };
  const data = '"data":{"id":1,"name":"new","n":2.50}';
  assert.equal(parts('key', row), `${data},"old":${KEY_ONLY}`);
  assert.equal(parts('changed', row), data);
  assert.equal(parts('changed', { operation: 'insert', new: ['1', 'new', UNCHANGED, '2.50'] }), data);
});

test('unchanged TOAST with the whole old row is filled, and counts as unchanged', () => {
  const row: TestRow = { operation: 'update', oldImage: 'full', old: ['1', 'old', 'big', '2.50'], new: ['1', 'new', UNCHANGED, '2.50'] };
  assert.equal(parts('key', row), `${DATA},"old":${KEY_ONLY}`);
  assert.equal(parts('changed', row), `${DATA},"old":{"name":"old"}`);
  assert.equal(parts('full', row), `${DATA},"old":{"id":1,"name":"old","big":"big","n":2.50}`);
});

test('unchanged TOAST with the key alone is not filled with its null', () => {
  const row: TestRow = { operation: 'update', oldImage: 'key', old: ['7', null, null, null], new: ['1', 'new', UNCHANGED, '2.50'] };
  assert.equal(parts('changed', row), '"data":{"id":1,"name":"new","n":2.50},"old":{"id":7}');
});

test('delete with the key: the key and nulls, in every mode', () => {
  const row: TestRow = { operation: 'delete', oldImage: 'key', old: ['1', null, null, null] };
  for (const mode of ['key', 'changed', 'full'] as const) assert.equal(parts(mode, row), `"data":${KEY_ONLY}`);
});

test('delete with the whole row: as the mode says', () => {
  const row: TestRow = { operation: 'delete', oldImage: 'full', old: ['1', 'old', null, '2.5'] };
  assert.equal(parts('key', row), `"data":${KEY_ONLY}`);
  for (const mode of ['changed', 'full'] as const) assert.equal(parts(mode, row), '"data":{"id":1,"name":"old","big":null,"n":2.5}');
});

test('a table without a key shows its whole old row also in mode key: the row is its identity', () => {
  assert.equal(parts('key', fullUpdate, KEYLESS), `${DATA},"old":{"id":1,"name":"old","big":"big","n":2.5}`);
  assert.equal(
    parts('key', { operation: 'delete', oldImage: 'full', old: ['1', 'x', null, '2'] }, KEYLESS),
    '"data":{"id":1,"name":"x","big":null,"n":2}',
  );
  assert.equal(parts('key', { operation: 'insert', new: NEW }, KEYLESS), DATA);
});

test("a key of several columns in another order than the table's", () => {
  const schema = tableSchema(COLUMNS, ['n', 'name']);
  const row: TestRow = { operation: 'delete', oldImage: 'full', old: ['1', 'x', 'y', '2'] };
  assert.equal(parts('key', row, schema), '"data":{"id":null,"name":"x","big":null,"n":2}');
});

test('an update whose key is nowhere is an error', () => {
  const schema = tableSchema(COLUMNS, ['big']);
  assert.throws(() => parts('key', { operation: 'update', new: ['1', 'new', UNCHANGED, '2.50'] }, schema), { code: 'KEY_COLUMN_UNKNOWN' });
});

test('changed: columns that messages do not have do not count', () => {
  const options = { excludeColumns: ['name'] };
  const data = '"data":{"id":1,"big":"big","n":2.50}';
  assert.equal(parts('changed', fullUpdate, KEYED, options), `${data},"old":{"n":2.5}`);
  assert.equal(parts('changed', { ...fullUpdate, old: ['1', 'old', 'big', '2.50'] }, KEYED, options), data);
});

test('changed: dates of which a part is zero all look alike', () => {
  const columns = [
    { name: 'id', kind: 'int' } as const,
    ...(['date', 'datetime', 'timestamptz'] as const).map((kind) => ({ name: kind, kind })),
  ];
  const schema = tableSchema(columns, ['id'], { valueForm: 'declared' });
  const row = (old: readonly (string | null)[], image: readonly (string | null)[]): TestRow => ({
    operation: 'update',
    oldImage: 'full',
    old: ['1', ...old],
    new: ['1', ...image],
  });
  const zeros = ['2012-00-10', '2012-01-00 10:11:12', '0000-00-00 00:00:00'];
  const others = ['0000-00-00', '0000-00-00 00:00:00', '0000-01-01 00:00:00'];
  const dates = ['2012-01-10', '2012-01-01 10:11:12', '2012-01-01 00:00:00'];
  const written = '"date":"0000-00-00","datetime":"0000-00-00 00:00:00","timestamptz":"0000-00-00 00:00:00"';
  assert.equal(parts('changed', row(zeros, others), schema), `"data":{"id":1,${written}}`);
  assert.match(parts('changed', row(zeros, dates), schema), new RegExp(`,"old":\\{${written}\\}$`));
  const nulls = [null, null, null];
  assert.equal(
    parts('changed', row(zeros, nulls), schema),
    `"data":{"id":1,"date":null,"datetime":null,"timestamptz":null},"old":{${written}}`,
  );
  const asNull = { zeroDates: 'null' } as const;
  assert.equal(parts('changed', row(zeros, nulls), schema, asNull), '"data":{"id":1,"date":null,"datetime":null,"timestamptz":null}');
  assert.equal(parts('changed', row(nulls, zeros), schema, { ...asNull, nulls: false }), '"data":{"id":1}');
  assert.equal(parts('changed', row(nulls, dates), schema, { ...asNull, nulls: false }).slice(-9), ',"old":{}');
});
