import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../../../support/skip.ts';
import { Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = `
  CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE TABLE stock (id int PRIMARY KEY);
  CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent);
  CREATE TABLE events (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (100);
  CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200);`;

const FOREIGN = { publication: 'theirs' };

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(
    `PostgreSQL ${version}: ours publishes the selected tables, partitions as asked, and not what inherits from them`,
    { skip },
    async (t) => {
      const shop = await Shop.open(version, SCHEMA);
      const starter = new Starter(t, shop.url());
      const published = async () =>
        (await shop.query("SELECT tablename FROM pg_publication_tables WHERE pubname = 'millrace_shop' ORDER BY 1")).map(
          (row) => row['tablename'],
        );
      await starter.start(shop.options('parent,events'));
      assert.deepEqual(await published(), ['events', 'parent']);
      await starter.start(shop.options('parent,events', { viaPartitionRoot: false }));
      assert.deepEqual(await published(), ['events_1', 'events_2', 'parent']);
      assert.match(starter.infos.at(-1)!, /ALTER PUBLICATION "millrace_shop" SET \(publish_via_partition_root = false\)$/);
      await starter.start(shop.options('events_1', { viaPartitionRoot: false }));
      assert.deepEqual(await published(), ['events_1']);
      await starter.start(shop.options('*'));
      assert.deepEqual(await published(), ['child', 'events', 'orders', 'parent', 'stock']);
      starter.infos.length = 0;
      await starter.start(shop.options('*'));
      assert.deepEqual(starter.infos, [], 'nothing to alter, nothing altered');
    },
  );

  test(`PostgreSQL ${version}: names that need quotes go into statements unharmed`, { skip }, async (t) => {
    const shop = await Shop.open(version, `CREATE SCHEMA "S.""x"; CREATE TABLE "S.""x"."T, größe; --" (id int PRIMARY KEY); ${SCHEMA}`);
    const starter = new Starter(t, shop.url());
    const odd = { publication: 'odd "name"; --', changefeed: "it's" };
    await starter.start(shop.options('orders', odd));
    await starter.start({ ...shop.options('orders', odd), tables: ['"S.""x"."T, größe; --"'] });
    assert.deepEqual(await shop.query('SELECT obj_description(oid) AS mark, pubname FROM pg_publication'), [
      { mark: "managed by millrace for changefeed it's", pubname: 'odd "name"; --' },
    ]);
    assert.deepEqual(await shop.query('SELECT schemaname, tablename FROM pg_publication_tables'), [
      { schemaname: 'S."x', tablename: 'T, größe; --' },
    ]);
  });

  test(`PostgreSQL ${version}: ours, altered by hand, is put right again`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options('orders,stock'));
    await shop.query("ALTER PUBLICATION millrace_shop SET (publish = 'insert'); ALTER PUBLICATION millrace_shop DROP TABLE stock");
    await starter.start(shop.options('orders,stock'));
    const [row] = await shop.query('SELECT pubupdate AND pubdelete AND pubtruncate AS whole FROM pg_publication');
    assert.equal(row?.['whole'], true);
    assert.match(starter.infos.at(-1)!, /^changes of public\.stock flow from /);
  });

  test(`PostgreSQL ${version}: a publication of another changefeed, or without our comment, is not altered`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    await new Starter(t, shop.url()).start(shop.options('orders'));
    const other = new Starter(t, shop.url());
    const options = shop.options('orders,stock', { changefeed: 'other', slot: `${shop.slot}_2` });
    await assert.rejects(other.start(options), {
      code: 'PUBLICATION_INCOMPLETE',
      message:
        'The publication millrace_shop, which Millrace did not create, lacks public.stock. Run: ALTER PUBLICATION ' +
        '"millrace_shop" ADD TABLE "public"."stock";',
    });
    await shop.query('COMMENT ON PUBLICATION millrace_shop IS NULL');
    await assert.rejects(other.start({ ...options, changefeed: 'shop' }), { code: 'PUBLICATION_INCOMPLETE' });
    await shop.query('ALTER PUBLICATION "millrace_shop" ADD TABLE "public"."stock"');
    assert.equal((await other.preflight(options)).publication.action, 'use');
  });

  // PostgreSQL 15 is the first to have filters, lists of columns and whole schemas in publications.
  if (version !== '14') {
    test(
      `PostgreSQL ${version}: a foreign publication is used when it covers the selection, and what it leaves out is told`,
      { skip },
      async (t) => {
        const shop = await Shop.open(
          version,
          `${SCHEMA} CREATE PUBLICATION theirs FOR TABLE orders (id) WHERE (id > 5), stock WITH (publish = 'insert, delete')`,
        );
        const starter = new Starter(t, shop.url());
        const { publication, warnings } = await starter.preflight(shop.options('orders', FOREIGN));
        assert.equal(publication.action, 'use');
        assert.match(
          warnings[0]!,
          /^The publication theirs does not publish update, truncate: they are not exported\. .* SET \(publish = 'insert, .*'\);$/,
        );
        assert.match(warnings[1]!, /not everything: public\.orders only rows WHERE \(id > 5\), public\.orders only some columns\./);
        assert.match(warnings[2]!, /^The publication theirs also sends 1 tables that are not selected/);
        await starter.start(shop.options('orders', FOREIGN));
        assert.deepEqual(await shop.query('SELECT pubname FROM pg_publication'), [{ pubname: 'theirs' }]);
      },
    );

    test(`PostgreSQL ${version}: FOR ALL TABLES and FOR TABLES IN SCHEMA cover what they cover`, { skip }, async (t) => {
      const shop = await Shop.open(
        version,
        `${SCHEMA} CREATE SCHEMA s; CREATE TABLE s.t (id int PRIMARY KEY);
        CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root); CREATE PUBLICATION part FOR TABLES IN SCHEMA s;`,
      );
      const starter = new Starter(t, shop.url());
      const plan = await starter.preflight(shop.options('*.*', { publication: 'everything' }));
      assert.deepEqual([plan.publication.action, plan.publication.warnings], ['use', []]);
      await starter.preflight(shop.options('s.*', { publication: 'part' }));
      await assert.rejects(starter.preflight(shop.options('*.t,orders', { publication: 'part' })), {
        code: 'PUBLICATION_INCOMPLETE',
        message: /lacks public\.orders\./,
      });
    });
  }

  test(`PostgreSQL ${version}: partitions in a foreign publication`, { skip }, async (t) => {
    const shop = await Shop.open(
      version,
      `${SCHEMA}
      CREATE PUBLICATION roots FOR TABLE events WITH (publish_via_partition_root); CREATE PUBLICATION leaves FOR TABLE events_1, events_2;
      CREATE PUBLICATION one_leaf FOR TABLE events_1; CREATE PUBLICATION tree FOR TABLE events;`,
    );
    const starter = new Starter(t, shop.url());
    const at = (tables: string, publication: string, viaPartitionRoot: boolean) =>
      starter.preflight(shop.options(tables, { publication, viaPartitionRoot }));
    for (const [tables, publication, viaRoot] of [
      ['events', 'roots', true],
      ['events', 'leaves', false],
      ['events', 'tree', false],
      ['events_1', 'tree', false],
      ['events_1', 'one_leaf', true],
    ] as const) {
      assert.equal((await at(tables, publication, viaRoot)).publication.action, 'use', `${tables} in ${publication}`);
    }
    const incomplete = (message: RegExp) => ({ code: 'PUBLICATION_INCOMPLETE', message });
    await assert.rejects(at('events', 'one_leaf', false), incomplete(/lacks public\.events\./));
    await assert.rejects(
      at('events_1', 'roots', true),
      incomplete(/sends the changes of public\.events_1 under the name of the partitioned table\. Select that/),
    );
    await assert.rejects(
      at('events', 'tree', true),
      incomplete(/ALTER PUBLICATION "tree" SET \(publish_via_partition_root = true\); or change the option/),
    );
    await assert.rejects(at('events', 'roots', false), incomplete(/SET \(publish_via_partition_root = false\)/));
  });
}
