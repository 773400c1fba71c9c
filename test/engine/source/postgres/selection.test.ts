import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayName, readRelations } from '../../../../engine/source/postgres/relations.ts';
import { identityWarning } from '../../../../engine/source/postgres/replica-identity.ts';
import { selectTables, type Selection } from '../../../../engine/source/postgres/selection.ts';
import { parseTablePatterns } from '../../../../engine/source/tables.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = `
  CREATE SCHEMA shop; CREATE SCHEMA "Odd.Schema";
  CREATE TABLE plain (id int PRIMARY KEY);
  CREATE TABLE shop.orders (id int PRIMARY KEY); CREATE TABLE shop."Orders" (id int PRIMARY KEY);
  CREATE TABLE "Odd.Schema"."a ""quoted"" name, größe" (id int PRIMARY KEY);
  CREATE TABLE shop.parent (id int PRIMARY KEY); CREATE TABLE shop.child () INHERITS (shop.parent);
  CREATE UNLOGGED TABLE shop.cache (id int PRIMARY KEY);
  CREATE VIEW shop.view AS SELECT 1 AS a; CREATE MATERIALIZED VIEW shop.mview AS SELECT 1 AS a;
  CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing;
  CREATE FOREIGN TABLE shop.far (id int) SERVER far;
  CREATE TABLE shop.events (id int, day int) PARTITION BY RANGE (day);
  CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (1) TO (2);
  CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM (2) TO (3) PARTITION BY RANGE (id);
  CREATE TABLE shop.events_2a PARTITION OF shop.events_2 DEFAULT;
  CREATE FOREIGN TABLE shop.events_far PARTITION OF shop.events FOR VALUES FROM (9) TO (10) SERVER far;
  CREATE TABLE shop.keyless (a int);
  CREATE TABLE shop.silent (id int PRIMARY KEY); ALTER TABLE shop.silent REPLICA IDENTITY NOTHING;
  CREATE TABLE shop.whole (a int); ALTER TABLE shop.whole REPLICA IDENTITY FULL;
  CREATE TABLE shop.indexed (a int NOT NULL UNIQUE); ALTER TABLE shop.indexed REPLICA IDENTITY USING INDEX indexed_a_key;
  CREATE TABLE shop.unindexed (a int NOT NULL UNIQUE); ALTER TABLE shop.unindexed REPLICA IDENTITY USING INDEX unindexed_a_key;
  ALTER TABLE shop.unindexed DROP CONSTRAINT unindexed_a_key;`;

function names(selection: Selection): string[] {
  return selection.tables.map(({ relation }) => displayName(relation));
}

for (const version of ALL_VERSIONS) {
  test(`PostgreSQL ${version}: patterns held against a catalogue`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const client = await (await Shop.open(version, SCHEMA)).client(t);
    const relations = await readRelations(client);
    const select = (...patterns: string[]) => selectTables(parseTablePatterns(patterns), relations);
    const problem = (...patterns: string[]) =>
      select(...patterns)
        .problems.map(({ code, message }) => `${code}: ${message}`)
        .join(' | ');

    await t.test('exact names and wildcards', () => {
      assert.deepEqual(names(select('plain', 'shop.orders')), ['public.plain', 'shop.orders']);
      assert.deepEqual(names(select('*."a ""quoted"" name, größe"')), ['Odd.Schema.a "quoted" name, größe']);
      assert.deepEqual(names(select('"Odd.Schema".*', '*')), ['Odd.Schema.a "quoted" name, größe', 'public.plain']);
      assert.deepEqual(names(select('shop.?rders')), ['shop.Orders', 'shop.orders']);
      assert.deepEqual(names(select('shop.*', '!shop.o*', '!shop.*e*', 'shop.orders')), ['shop.child', 'shop.orders']);
    });

    await t.test(
      'every table is everything but views, foreign, unlogged and system tables, and partitions, which go with their table',
      () => {
        const expected = [
          'Odd.Schema.a "quoted" name, größe',
          'public.plain',
          'shop.Orders',
          'shop.child',
          'shop.events',
          'shop.indexed',
          'shop.keyless',
        ];
        assert.deepEqual(names(select('*.*')), [...expected, 'shop.orders', 'shop.parent', 'shop.silent', 'shop.unindexed', 'shop.whole']);
      },
    );

    await t.test('a table that others inherit from is meant alone', () => {
      const [parent] = select('shop.parent').tables;
      assert.deepEqual([parent?.relation.hasInheritors, parent?.leaves.map(displayName)], [true, ['shop.parent']]);
    });

    await t.test('partitions', () => {
      const [events] = select('shop.events').tables;
      assert.deepEqual(events?.leaves.map(displayName), ['shop.events_1', 'shop.events_2a', 'shop.events_far']);
      assert.deepEqual(names(select('shop.events', 'shop.events_1')), ['shop.events']);
      const [alone] = select('shop.events_2').tables;
      assert.deepEqual([alone?.leaves.map(displayName), alone?.ancestors.map(displayName)], [['shop.events_2a'], ['shop.events']]);
      assert.deepEqual(
        select('shop.events').warnings.map(({ message }) => message),
        ["shop.events has partitions whose changes are not in the server's log: shop.events_far is a foreign table."],
      );
    });

    await t.test('what is skipped by a wildcard and could be missed is told', () => {
      const [told, ...others] = select('shop.c*').warnings;
      assert.deepEqual(others, []);
      assert.equal(told!.message, "Not exported, because unlogged tables are not in the server's log: shop.cache.");
      assert.deepEqual(told!.remedies, [{ how: 'sql', text: 'ALTER TABLE "shop"."cache" SET LOGGED;' }]);
    });

    await t.test('a pattern that matches nothing names what comes near', () => {
      assert.equal(problem('shop.order'), 'TABLES_NO_MATCH: `shop.order` matches no table. Near it: shop.orders.');
      assert.equal(problem('shop.ORDERS'), 'TABLES_NO_MATCH: `shop.ORDERS` matches no table. Near it: shop.Orders, shop.orders.');
      assert.equal(problem('orders'), 'TABLES_NO_MATCH: `orders` matches no table. Near it: shop.orders.');
      assert.equal(problem('shpo.*'), 'TABLES_NO_MATCH: `shpo.*` matches no table. No schema shpo holds a table; do you mean shop?');
      assert.equal(problem('zzz.qqqqqqqqqqqq'), 'TABLES_NO_MATCH: `zzz.qqqqqqqqqqqq` matches no table.');
      assert.equal(problem('shop.z*'), 'TABLES_NO_MATCH: `shop.z*` matches no table.');
      assert.equal(problem('shop.*', '!shop.adit_*'), 'TABLES_NO_MATCH: `!shop.adit_*` matches no table.');
      assert.match(problem('pg_catalog.pg_class'), /Tables of pg_catalog are the server's own and cannot be exported\.$/);
      assert.match(
        problem('plain', '!*'),
        /^TABLES_NO_MATCH: MILLRACE_TABLES selects no table: what `plain,!\*` matches is taken out again\.$/,
      );
    });

    await t.test('what has no changes in the log is refused by name', () => {
      assert.match(
        problem('shop.view'),
        /^TABLE_UNSUPPORTED: `shop\.view` matches nothing whose changes can be exported: shop\.view is a view\./,
      );
      assert.match(problem('shop.mview'), /shop\.mview is a materialized view/);
      assert.match(problem('shop.far'), /shop\.far is a foreign table/);
      assert.match(problem('shop.cache'), /shop\.cache is an unlogged table/);
      assert.match(problem('shop.*view'), /shop\.mview is a materialized view, shop\.view is a view/);
    });

    await t.test('a temporary table of another session is refused by name', async () => {
      await client.query('CREATE TEMP TABLE brief (id int)');
      const now = await readRelations(client);
      const brief = now.find(({ table }) => table === 'brief')!;
      const { problems } = selectTables(parseTablePatterns([`${brief.schema}.brief`]), now);
      assert.match(problems[0]!.message, /brief is a temporary table/);
      assert.ok(!names(selectTables(parseTablePatterns(['*.*']), now)).includes(displayName(brief)));
    });

    await t.test('tables whose UPDATE and DELETE will fail are named', async () => {
      const warning = identityWarning(select('shop.*').tables)?.message;
      assert.match(
        warning!,
        /: shop\.child, shop\.events_1, shop\.events_2a, shop\.keyless, shop\.silent, shop\.unindexed\. Add a primary key/,
      );
      assert.match(warning!, /ALTER TABLE "shop"\."child" REPLICA IDENTITY FULL;/);
      assert.equal(identityWarning(select('shop.orders', 'shop.whole', 'shop.indexed').tables), null);
      await client.query('CREATE PUBLICATION all_of_them FOR ALL TABLES');
      for (const table of ['child', 'events_1', 'events_2a', 'keyless', 'silent', 'unindexed']) {
        await assert.rejects(client.query(`DELETE FROM shop.${table}`), /replica identity/, table);
      }
      for (const table of ['orders', 'whole', 'indexed', 'parent']) await client.query(`DELETE FROM ONLY shop.${table}`);
    });
  });
}
