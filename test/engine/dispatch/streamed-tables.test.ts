import assert from 'node:assert/strict';
import test from 'node:test';
import { StreamedTables } from '../../../engine/dispatch/streamed-tables.ts';
import { tableSchema } from '../../support/rows.ts';

const PLAIN = { name: 'changes', compacted: false };
const COMPACTED = { name: 'changes', compacted: true };

function table(tableId: number, schema: string, name: string, key: readonly string[] = ['id']) {
  return { ...tableSchema([{ name: 'id', kind: 'int' }], key), tableId, schema, table: name };
}

const VALUE = { inKey: false, inValue: true };
const BOTH = { inKey: true, inValue: true };

test('a table that comes later under a name that another has in messages is refused', () => {
  const tables = new StreamedTables('bare', VALUE);
  tables.add(table(1, 'shop', 'orders'), [PLAIN]);
  tables.add(table(2, 'shop', 'items'), [PLAIN]);
  assert.throws(() => tables.add(table(3, 'archive', 'orders'), [PLAIN]), {
    code: 'TABLE_NAMES_CLASH',
    message: /shop\.orders and archive\.orders/,
  });
});

test('a second table in a compacted topic is refused, and so is one without a key', () => {
  const tables = new StreamedTables('auto', VALUE);
  tables.add(table(1, 'public', 'orders'), [COMPACTED]);
  assert.throws(() => tables.add(table(2, 'public', 'items'), [COMPACTED]), {
    code: 'TOPIC_COMPACTED',
    message: /2 tables would share it/,
  });
  assert.throws(() => new StreamedTables('auto', VALUE).add(table(1, 'public', 'log', []), [COMPACTED]), { code: 'TOPIC_COMPACTED' });
});

test('tables in topics of their own, or with keys that name them, may be compacted', () => {
  const apart = new StreamedTables('auto', VALUE);
  apart.add(table(1, 'public', 'orders'), [COMPACTED]);
  apart.add(table(2, 'public', 'items'), [{ ...COMPACTED, name: 'items' }]);
  const named = new StreamedTables('auto', BOTH);
  named.add(table(1, 'public', 'orders'), [COMPACTED]);
  named.add(table(2, 'public', 'items'), [COMPACTED]);
});

test('another version of a table, its new name and a table made again under its name are no second table', () => {
  const tables = new StreamedTables('auto', VALUE);
  tables.add(table(1, 'public', 'orders'), [COMPACTED]);
  tables.add(table(1, 'public', 'orders'), [COMPACTED]);
  tables.add(table(1, 'public', 'renamed'), [COMPACTED]);
  tables.add(table(2, 'public', 'renamed'), [COMPACTED]);
  assert.equal(tables.nameOf(1), 'public.renamed');
  assert.equal(tables.nameOf(7), 'table 7');
});
