import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceWatch } from '../../../../../engine/source/postgres/watch.ts';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Shop, Starter } from '../starts.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY)';

/** Starts, and watches for tables that join. */
async function watched(starter: Starter, options: Parameters<Starter['preflight']>[0]): Promise<{ watch: SourceWatch; joined: string[] }> {
  const connections = await starter.connections();
  const plan = await starter.preflight(options);
  const { source } = await starter.begin(connections, plan);
  const joined: string[] = [];
  return { watch: new SourceWatch(connections.side, plan, source.publicationOid!, starter.events, (table) => joined.push(table)), joined };
}

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: a new table that is selected is added to our publication, and joins once`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const { watch, joined } = await watched(starter, shop.options());
    await watch.check();
    await shop.query('CREATE TABLE fresh (id int PRIMARY KEY)');
    await watch.check();
    await watch.check();
    assert.deepEqual(joined, ['public.fresh']);
    assert.match(starter.warnings.join(), /public\.fresh .*: the publication sends it, and it is exported\./);
    const published = await shop.query<{ tables: string }>(
      "SELECT string_agg(tablename, ',' ORDER BY tablename) AS tables FROM pg_publication_tables WHERE pubname = 'millrace_shop'",
    );
    assert.equal(published[0]?.tables, 'fresh,orders,stock');
  });

  test(`PostgreSQL ${version}: a table whose writers hold it joins at a later look`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const { watch, joined } = await watched(starter, shop.options());
    await shop.query('CREATE TABLE fresh (id int PRIMARY KEY)');
    const writer = await starter.connections();
    await writer.side.query('BEGIN; INSERT INTO fresh VALUES (1)');
    await watch.check();
    assert.deepEqual(joined, []);
    assert.match(starter.warnings.join('\n'), /PUBLICATION_LOCKED: cannot add public\.fresh .* The next attempt follows by itself/);
    await writer.side.query('COMMIT');
    await watch.check();
    assert.deepEqual(joined, ['public.fresh']);
  });

  test(
    `PostgreSQL ${version}: a table that was taken out of the publication stays out, and joins when it is put back`,
    { skip },
    async (t) => {
      const shop = await Shop.open(version, SCHEMA);
      const starter = new Starter(t, shop.url());
      const { watch, joined } = await watched(starter, shop.options());
      await shop.query('ALTER PUBLICATION millrace_shop DROP TABLE stock');
      await watch.check();
      await watch.check();
      assert.deepEqual(joined, []);
      await shop.query('ALTER PUBLICATION millrace_shop ADD TABLE stock');
      await watch.check();
      assert.deepEqual(joined, ['public.stock']);
      await shop.query('ALTER PUBLICATION millrace_shop DROP TABLE stock');
      await watch.check();
      assert.equal(starter.warnings.filter((warning) => warning.startsWith('TABLE_UNPUBLISHED')).length, 2, 'it is told again');
    },
  );

  test(`PostgreSQL ${version}: a table of somebody else's publication joins when it is added there`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA}; CREATE PUBLICATION theirs FOR TABLE orders, stock`);
    const starter = new Starter(t, shop.url());
    const { watch, joined } = await watched(starter, shop.options('*', { publication: 'theirs', viaPartitionRoot: false }));
    await shop.query('CREATE TABLE fresh (id int PRIMARY KEY)');
    await watch.check();
    assert.deepEqual(joined, []);
    await shop.query('ALTER PUBLICATION theirs ADD TABLE fresh');
    await watch.check();
    assert.deepEqual(joined, ['public.fresh']);
  });
}
