import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideName, decideRelation, matchesName, parseTableName, parseTablePatterns, takingOut } from '../../../engine/source/tables.ts';

/** What a single pattern makes of `schema`, `table`. */
function matches(pattern: string, schema: string, table: string): boolean {
  return matchesName(parseTablePatterns(['*.*', pattern])[1]!, schema, table);
}

test('each pattern means the tables that it says', () => {
  const vectors: [pattern: string, schema: string, table: string, expected: boolean][] = [
    ['orders', 'public', 'orders', true],
    ['orders', 'shop', 'orders', false],
    ['shop.orders', 'shop', 'orders', true],
    ['shop.orders', 'shop', 'Orders', false],
    ['Shop.Orders', 'Shop', 'Orders', true],
    ['shop.orders', 'shop', 'orders2', false],
    ['shop.orders', 'shopx', 'orders', false],
    ['shop.*', 'shop', 'anything at all. "really"', true],
    ['shop.*', 'shop2', 'a', false],
    ['*', 'public', 'a', true],
    ['*', 'shop', 'a', false],
    ['*.*', 'shop', 'a', true],
    ['*.*', 'pg_catalog', 'pg_class', false],
    ['*.*', 'information_schema', 'sql_parts', false],
    ['p*.*', 'pg_toast', 'pg_toast_1', false],
    ['pg_catalog.*', 'pg_catalog', 'pg_class', true],
    ['shop.order_??', 'shop', 'order_24', true],
    ['shop.order_??', 'shop', 'order_2024', false],
    ['shop.order_??', 'shop', 'order_\u{1F600}\u{1F600}', true],
    ['tenant_*.orders', 'tenant_12', 'orders', true],
    ['a*b*c.t', 'aXbYc', 't', true],
    ['s.a*', 's', 'a\nb', true],
    ['größe.straße', 'größe', 'straße', true],
    ['s.a-b$c', 's', 'a-b$c', true],
    ['s."a.b"', 's', 'a.b', true],
    ['s."a*b"', 's', 'a*b', true],
    ['s."a*b"', 's', 'aXb', false],
    ['s."say ""hi"", ok"', 's', 'say "hi", ok', true],
    ['"!s".t', '!s', 't', true],
    ['"a.b"*.t', 'a.bc', 't', true],
    ['"x y".t', 'x y', 't', true],
  ];
  for (const [pattern, schema, table, expected] of vectors) {
    assert.equal(matches(pattern, schema, table), expected, `${pattern} and ${schema}.${table}`);
  }
});

test('characters that mean something in a regular expression mean themselves', () => {
  for (const name of ['a.b', 'a+b', '(a', 'a[b', 'a{2}', 'a|b', '^a', 'a\\d', 'a/b', 'a$']) {
    assert.equal(matches(`s."${name}"`, 's', name), true, name);
    assert.equal(matches(`s."${name}"`, 's', 'aab'), false, name);
  }
});

test('the last pattern that matches decides', () => {
  const patterns = parseTablePatterns(['shop.*', '!shop.audit_*', 'shop.audit_keep']);
  assert.equal(decideName(patterns, 'shop', 'orders'), true);
  assert.equal(decideName(patterns, 'shop', 'audit_log'), false);
  assert.equal(decideName(patterns, 'shop', 'audit_keep'), true);
  assert.equal(decideName(patterns, 'other', 'orders'), null);
});

test('a partition goes with its table unless a pattern mentions it', () => {
  const lineage = [
    { schema: 'shop', table: 'orders_2024_01' },
    { schema: 'shop', table: 'orders_2024' },
    { schema: 'shop', table: 'orders' },
  ];
  assert.equal(decideRelation(parseTablePatterns(['shop.orders']), lineage), true);
  assert.equal(decideRelation(parseTablePatterns(['shop.orders', '!shop.orders_2024_01']), lineage), false);
  assert.equal(decideRelation(parseTablePatterns(['shop.orders', '!shop.orders_2024']), lineage), false);
  assert.equal(decideRelation(parseTablePatterns(['shop.orders_2024_01']), lineage), true);
  assert.equal(decideRelation(parseTablePatterns(['shop.other']), lineage), false);
});

test('what cannot be read is named, all of it at once', () => {
  assert.throws(() => parseTablePatterns(['shop.orders', 'a.b.c', 'a b', '"open', 'shop.', 'x.[ab]', 's.""']), {
    code: 'TABLES_SYNTAX',
    message:
      'MILLRACE_TABLES cannot be read: `a.b.c`: a pattern has one dot, between schema and table; a dot within a name ' +
      'goes in double quotes; ' +
      '`a b`: the character ` ` must stand in double quotes; `"open`: a double quote is not closed; `shop.`: a name is empty; ' +
      '`x.[ab]`: the character `[` must stand in double quotes; `s.""`: a name is empty.',
  });
});

test('the name of one table is no pattern', () => {
  assert.deepEqual(parseTableName('shop.orders'), { schema: 'shop', table: 'orders' });
  assert.deepEqual(parseTableName(' orders '), { schema: 'public', table: 'orders' });
  assert.deepEqual(parseTableName('"a.b"."c""*"'), { schema: 'a.b', table: 'c"*' });
  for (const text of ['', 'shop.*', '*.orders', 'order?', '!shop.orders', 'a.b.c', 'a b', '"open'])
    assert.equal(parseTableName(text), null, text);
});

test('a table that is taken out is out, whatever its name, and no other', () => {
  for (const table of ['orders', 'a.b', 'c"*', '?', '']) {
    const patterns = [...parseTablePatterns(['*.*', 'shop.*']), takingOut({ schema: 'shop', table: `x${table}` })];
    assert.equal(decideName(patterns, 'shop', `x${table}`), false, table);
    assert.equal(decideName(patterns, 'shop', `xy${table}`), true, table);
    assert.equal(decideName(patterns, 'stock', `x${table}`), true, table);
  }
});

test('a list that only takes out, and an empty one, is an error', () => {
  for (const entries of [['!shop.audit'], []]) {
    assert.throws(() => parseTablePatterns(entries), { code: 'TABLES_SYNTAX', message: /begin with `\*\.\*`/ });
  }
});
