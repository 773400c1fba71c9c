import assert from 'node:assert/strict';
import test from 'node:test';
import { TableVersions, type TableContent } from '../../../engine/source/versions.ts';
import { tableSchema } from '../../support/rows.ts';

function content(change: Partial<TableContent> = {}): TableContent {
  const { id: _id, tableId: _tableId, version: _version, ...rest } = tableSchema([{ name: 'a', kind: 'int' }], ['a']);
  return { ...rest, ...change };
}

function versions(last = 0): TableVersions {
  let version = last;
  return new TableVersions(() => ++version);
}

test('the same content is the same version, in whatever order versions come', () => {
  const tables = versions();
  const first = tables.of(content());
  const other = tables.of(content({ columns: tableSchema([{ name: 'b', kind: 'int' }], []).columns }));
  assert.notEqual(other.id, first.id);
  assert.equal(tables.of(content()), first);
  assert.equal(other.tableId, first.tableId);
});

test('a key in another order is another version', () => {
  const tables = versions();
  assert.notEqual(tables.of(content({ keyColumns: [0, 1] })).id, tables.of(content({ keyColumns: [1, 0] })).id);
});

test('tables are numbered from 0; names with dots do not meet', () => {
  const tables = versions();
  const ids = [
    tables.of(content({ schema: 'a', table: 'b.c' })),
    tables.of(content({ schema: 'a.b', table: 'c' })),
    tables.of(content({ schema: 'a', table: 'b.c' })),
  ];
  assert.deepEqual(
    ids.map(({ tableId }) => tableId),
    [0, 1, 0],
  );
});

test('version numbers are those that a content is given for good; ids are of this process', () => {
  const tables = versions(41);
  const [first, second] = [tables.of(content()), tables.of(content({ table: 'u' }))];
  assert.deepEqual([first.version, second.version], [42, 43]);
  assert.deepEqual([first.id, second.id], [1, 2]);
});

test('a version cannot be changed', () => {
  const schema = versions().of(content()) as { table: string };
  assert.throws(() => (schema.table = 'x'), TypeError);
});

test('a version as a bootstrap has it is the same table under an id of its own, which the next bootstrap takes over', () => {
  const tables = versions();
  const plain = tables.of(content());
  const first = tables.ofBootstrap(plain, { comment: 'a' });
  const { id, ...rest } = first;
  assert.deepEqual({ ...rest, id: plain.id }, { ...plain, bootstrap: { comment: 'a' } });
  assert.equal(tables.ofBootstrap(plain, { comment: null }).id, id);
  const other = tables.of(content({ table: 'other' }));
  assert.equal(new Set([plain.id, id, other.id, tables.ofBootstrap(other, { comment: null }).id]).size, 4);
  assert.equal(tables.of(content()), plain);
});
