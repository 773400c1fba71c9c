import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemporaryTables } from '../../../../../engine/source/mysql/binlog/temporary-tables.ts';

const SESSION = { serverId: 1, threadId: 7, database: 'd' };
const named = (table: string, database: string | null = null) => ({ database, table });

test('a table is one of its session, by its database too, named or chosen', () => {
  const tables = new TemporaryTables();
  tables.add(SESSION, [named('t'), named('u', 'e')]);
  assert.equal(tables.has(SESSION, named('t', 'd')), true);
  assert.equal(tables.has({ ...SESSION, database: 'e' }, named('u')), true);
  for (const other of [{ serverId: 2 }, { threadId: 8 }, { database: 'e' }]) {
    assert.equal(tables.has({ ...SESSION, ...other }, named('t')), false, JSON.stringify(other));
  }
  assert.equal(tables.has(SESSION, named('T')), false, 'another spelling may be another table');
});

test('renames of temporary tables are taken, others are left to whom they concern', () => {
  const tables = new TemporaryTables();
  tables.add(SESSION, [named('t')]);
  assert.equal(tables.rename(SESSION, [{ from: named('t'), to: named('u') }]), true);
  assert.deepEqual([tables.has(SESSION, named('t')), tables.has(SESSION, named('u'))], [false, true]);
  const mixed = [
    { from: named('x'), to: named('y') },
    { from: named('u'), to: named('v', 'e') },
  ];
  assert.equal(tables.rename(SESSION, mixed), false);
  assert.deepEqual([tables.has(SESSION, named('y')), tables.has(SESSION, named('v', 'e'))], [false, true]);
});

test('what is dropped, and everything at a new start of the server, is forgotten', () => {
  const tables = new TemporaryTables();
  tables.add(SESSION, [named('t'), named('u')]);
  tables.remove(SESSION, [named('t'), named('unknown')]);
  assert.deepEqual([tables.has(SESSION, named('t')), tables.has(SESSION, named('u'))], [false, true]);
  tables.clear();
  assert.equal(tables.has(SESSION, named('u')), false);
});
