import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selects, selectTables, type CatalogTable } from '../../../../engine/source/mysql/selection.ts';
import { parseTablePatterns } from '../../../../engine/source/tables.ts';
import { identity } from './identities.ts';

const ALL: readonly CatalogTable[] = [
  { database: 'mysql', table: 'user', kind: 'table' },
  { database: 'pg_shop', table: 't', kind: 'table' },
  { database: 'shop', table: 'Orders', kind: 'table' },
  { database: 'shop', table: 'numbers', kind: 'sequence' },
  { database: 'shop', table: 'seen', kind: 'view' },
];

function select(...given: string[]): { tables: string[]; told: string[] } {
  const { tables, problems } = selectTables(parseTablePatterns(given, 'shop'), ALL, identity());
  return {
    tables: tables.map(({ database, table }) => `${database}.${table}`),
    told: problems.map(({ code, message }) => `${code} ${message}`),
  };
}

test("wildcards mean every table but the server's own; names are exact", () => {
  assert.deepEqual(select('*.*').tables, ['pg_shop.t', 'shop.Orders']);
  assert.deepEqual(select('mysql.user').tables, ['mysql.user']);
  assert.deepEqual(select('Orders').tables, ['shop.Orders'], 'of the database of the URL');
});

test('a table that is made later is selected by its name', () => {
  const patterns = parseTablePatterns(['shop.*', '!shop.tmp_*'], null);
  assert.deepEqual(
    ['shop.new', 'shop.tmp_1', 'other.new', 'mysql.user'].map((name) => selects(patterns, ...(name.split('.') as [string, string]))),
    [true, false, false, false],
  );
});

test('what is not meant is told: near names, views, sequences', () => {
  assert.match(
    select('shop.orders').told[0]!,
    /^TABLES_NO_MATCH .*Near it: shop\.Orders\. If it is there, run: GRANT SELECT ON `shop`\.`orders`/,
  );
  assert.match(select('shopp.*').told[0]!, /Near it: shop\./);
  assert.match(select('shop.seen').told[0]!, /^TABLE_UNSUPPORTED .*shop\.seen is a view/);
  assert.match(select('shop.numbers').told[0]!, /shop\.numbers is a sequence/);
  assert.match(select('shop.*', '!shop.*').told[0]!, /selects no table/);
});
