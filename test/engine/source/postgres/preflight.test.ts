import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../../../support/skip.ts';
import { optionsFor, serverFor, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY);';
const OPTIONS = optionsFor('orders,stock');

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: the facts of the server`, { skip }, async (t) => {
    const server = await serverFor(t, { version, settings: { wal_sender_timeout: '7s', max_slot_wal_keep_size: '1GB' } });
    await server.query(`${SCHEMA} CREATE ROLE slow LOGIN SUPERUSER; ALTER ROLE slow SET wal_sender_timeout = 0`);
    const plan = await new Starter(t, server.url()).preflight(OPTIONS);
    const { server: facts } = plan;
    assert.equal(Math.floor(facts.versionNumber / 10_000), Number(version));
    assert.deepEqual([facts.database, facts.encoding, facts.timeline, facts.walSenderTimeoutMs], ['postgres', 'UTF8', 1, 7000]);
    assert.deepEqual(
      plan.tables.map(({ relation }) => relation.table),
      ['orders', 'stock'],
    );
    assert.deepEqual([plan.slot.action, plan.publication.action, plan.position, plan.warnings], ['create', 'create', null, []]);
    const slow = await new Starter(t, server.url('postgres', 'slow')).preflight(OPTIONS);
    assert.equal(slow.server.walSenderTimeoutMs, 0, "the role's own setting");
  });

  test(`PostgreSQL ${version}: a preflight changes nothing`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.preflight(shop.options());
    assert.equal(await shop.slotRow(), undefined);
    assert.deepEqual(await shop.query('SELECT pubname FROM pg_publication'), []);
    assert.deepEqual(starter.saves, []);
  });

  test(
    `PostgreSQL ${version}: no logical log, no privilege, no room, no table: all told at once, with the statements`,
    { skip },
    async (t) => {
      const settings = { wal_level: 'replica', max_replication_slots: 1 };
      const server = await serverFor(t, { version, settings });
      await server.query(`${SCHEMA} CREATE ROLE app LOGIN; SELECT pg_create_physical_replication_slot('standby')`);
      const starter = new Starter(t, server.url('postgres', 'app'));
      await assert.rejects(starter.preflight(optionsFor('orders,stok')), (error: Error & { code: string; details: { codes: string } }) => {
        assert.equal(error.code, 'PREFLIGHT_FAILED');
        assert.deepEqual(error.details.codes.split(' '), [
          'WAL_LEVEL',
          'REPLICATION_PRIVILEGE',
          'SLOTS_EXHAUSTED',
          'TABLES_NO_MATCH',
          'PUBLICATION_PRIVILEGE',
        ]);
        assert.match(
          error.message,
          /^5 things stand in the way:\n1\. \[WAL_LEVEL\] wal_level is replica\. Run ALTER SYSTEM SET wal_level = logical; and restart/,
        );
        assert.match(error.message, /\n3\. \[SLOTS_EXHAUSTED\] All 1 .* SET max_replication_slots = 11;/);
        assert.match(
          error.message,
          /\n2\. \[REPLICATION_PRIVILEGE\] The role app may not replicate\. Run as a superuser: ALTER ROLE "app" REPLICATION;/,
        );
        assert.match(error.message, /\n4\. \[TABLES_NO_MATCH\] `stok` matches no table\. Near it: public\.stock\./);
        assert.match(
          error.message,
          /\n5\. \[PUBLICATION_PRIVILEGE\] .* \(GRANT CREATE ON DATABASE "postgres" TO "app"\) and the ownership of public\.orders\. /,
        );
        assert.match(
          error.message,
          /run: CREATE PUBLICATION "millrace_shop" FOR TABLE "public"\."orders" WITH \(publish = 'insert, update, delete, truncate', /,
        );
        return true;
      });
    },
  );

  test(`PostgreSQL ${version}: what the refusals ask for is enough`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA} CREATE ROLE reader LOGIN; ALTER ROLE reader REPLICATION`);
    const starter = new Starter(t, shop.url('reader'));
    const refusal = await starter.preflight(shop.options('orders')).catch((error: Error) => error);
    assert.ok(refusal instanceof Error);
    const create = /run: (CREATE PUBLICATION .*;)$/.exec(refusal.message)?.[1];
    await shop.query(create!);
    await starter.start(shop.options('orders'));
    await shop.query('INSERT INTO orders VALUES (1)');
    assert.equal(await shop.pending(), 'BRIC');
    await assert.rejects(starter.start(shop.options()), {
      code: 'PUBLICATION_INCOMPLETE',
      message: /lacks public\.stock\. Run: ALTER PUBLICATION "millrace_shop" ADD TABLE "public"\."stock";$/,
    });
  });

  test(`PostgreSQL ${version}: an owner needs nothing but REPLICATION and CREATE`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA} CREATE ROLE owner LOGIN REPLICATION; ALTER TABLE orders OWNER TO owner`);
    await shop.query(`GRANT CREATE ON DATABASE ${shop.database} TO owner`);
    const starter = new Starter(t, shop.url('owner'));
    await starter.start(shop.options('orders'));
    await assert.rejects(starter.start(shop.options()), {
      code: 'PUBLICATION_PRIVILEGE',
      message: /Have their owner or a superuser run: ALTER PUBLICATION "millrace_shop" ADD TABLE "public"\."stock";$/,
    });
  });

  test(`PostgreSQL ${version}: every walsender taken`, { skip }, async (t) => {
    const server = await serverFor(t, { version, settings: { max_wal_senders: 1 } });
    await server.query(SCHEMA);
    const other = await (await new Starter(t, server.url()).connections()).openReplication();
    await assert.rejects(new Starter(t, server.url()).preflight(OPTIONS), {
      code: 'WAL_SENDERS_EXHAUSTED',
      message: /^All 1 walsenders are taken\. Run ALTER SYSTEM SET max_wal_senders = 11;/,
    });
    await other.close();
  });

  test(`PostgreSQL ${version}: a publication that is gone, and one that was made again`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    await shop.query('INSERT INTO orders VALUES (1); DROP PUBLICATION millrace_shop; INSERT INTO orders VALUES (2)');
    await assert.rejects(starter.start(shop.options()), {
      code: 'PUBLICATION_MISSING',
      message: /Start anew from now on with `millrace slot drop` and/,
    });
    await shop.query('CREATE PUBLICATION millrace_shop FOR TABLE orders, stock WITH (publish_via_partition_root)');
    await assert.rejects(starter.start(shop.options()), { code: 'PUBLICATION_RECREATED' });
    if (version === '18') assert.equal(await shop.pending(), 'BRIC', 'the server skips the row in between, silently');
  });
}
