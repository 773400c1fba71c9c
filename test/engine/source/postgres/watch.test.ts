import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PreflightOptions } from '../../../../engine/source/postgres/inspection.ts';
import { SourceWatch } from '../../../../engine/source/postgres/watch.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { optionsFor, serverFor, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = `CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY);
  CREATE TABLE events (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (100);`;

/** Starts, and watches what was started. */
async function watched(starter: Starter, options: PreflightOptions, onJoin: ((table: string) => void) | null = null): Promise<SourceWatch> {
  const connections = await starter.connections();
  const plan = await starter.preflight(options);
  const { source } = await starter.begin(connections, plan);
  return new SourceWatch(connections.side, plan, source.publicationOid!, starter.events, onJoin);
}

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: a table that appears and matches is named once, a new partition is none`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const watch = await watched(starter, shop.options());
    await watch.check();
    assert.deepEqual(starter.warnings, []);
    await shop.query(
      'CREATE TABLE fresh (id int PRIMARY KEY); CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO ' +
        '(200); CREATE VIEW v AS SELECT 1',
    );
    await watch.check();
    await watch.check();
    assert.deepEqual(starter.warnings, [
      'TABLE_APPEARED: public.fresh was created since the start and matches MILLRACE_TABLES: it is not exported until ' +
        'the changefeed is restarted.',
    ]);
  });

  test(`PostgreSQL ${version}: a table that appears in a publication of all tables is exported`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA} CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root)`);
    const starter = new Starter(t, shop.url());
    const watch = await watched(starter, shop.options('*', { publication: 'everything' }));
    await shop.query('CREATE TABLE fresh (id int PRIMARY KEY)');
    await watch.check();
    assert.match(starter.warnings.join(), /public\.fresh was created .*: the publication sends it, and it is exported\.$/);
  });

  test(`PostgreSQL ${version}: a table that is taken out of the publication is named`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const watch = await watched(starter, shop.options());
    await shop.query('ALTER PUBLICATION millrace_shop DROP TABLE stock');
    await watch.check();
    assert.deepEqual(starter.warnings, [
      'TABLE_UNPUBLISHED: public.stock was taken out of the publication millrace_shop: its changes since then are not exported.',
    ]);
    await shop.query('DROP TABLE orders');
    await watch.check();
    assert.equal(starter.warnings.length, 1, 'a table that is gone has no changes to miss');
  });

  test(`PostgreSQL ${version}: a signal table that is taken out of the publication is named, each time anew`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA} CREATE TABLE signals (id text PRIMARY KEY, kind text, data jsonb)`);
    const starter = new Starter(t, shop.url());
    const watch = await watched(starter, shop.options('orders', { signalTable: { schema: 'public', table: 'signals' } }));
    await watch.check();
    assert.deepEqual(starter.warnings, []);
    for (const change of ['DROP TABLE', 'ADD TABLE', 'DROP TABLE']) {
      await shop.query(`ALTER PUBLICATION millrace_shop ${change} signals`);
      await watch.check();
      await watch.check();
    }
    const out =
      'SIGNAL_TABLE_UNPUBLISHED: The signal table public.signals was taken out of the publication millrace_shop: ' +
      'rows that are inserted into it order nothing.';
    assert.deepEqual(starter.warnings, [out, out]);
  });

  test(`PostgreSQL ${version}: a publication that goes away under the stream ends it`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const watch = await watched(new Starter(t, shop.url()), shop.options());
    await shop.query('DROP PUBLICATION millrace_shop');
    await assert.rejects(watch.check(), { code: 'PUBLICATION_MISSING' });
    await shop.query('CREATE PUBLICATION millrace_shop FOR TABLE orders, stock, events');
    await assert.rejects(watch.check(), { code: 'PUBLICATION_RECREATED' });
  });

  test(`PostgreSQL ${version}: a slot in danger is told, a lost or dropped one ends the stream`, { skip }, async (t) => {
    const server = await serverFor(t, { version, settings: { max_slot_wal_keep_size: '1MB' } });
    await server.query(SCHEMA);
    const starter = new Starter(t, server.url());
    const watch = await watched(starter, optionsFor('orders'));
    await watch.check();
    for (let i = 0; i < 4; i++) {
      await server.query(
        "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)) FROM generate_series(1, 17); SELECT pg_switch_wal()",
      );
    }
    // Only now, so that the server does not come to its checkpoint before we have looked.
    await server.query("ALTER SYSTEM SET max_wal_size = '32MB'");
    await server.query('SELECT pg_reload_conf()');
    const isTold = async () => {
      await watch.check();
      return starter.warnings.length > 0;
    };
    await until(isTold, { what: 'the warning' });
    assert.match(starter.warnings.join(), /^SLOT_AT_RISK: The slot millrace_shop is beyond max_slot_wal_keep_size/);
    await server.query('CHECKPOINT');
    await assert.rejects(watch.check(), { code: 'SLOT_LOST' });
    await server.query("SELECT pg_drop_replication_slot('millrace_shop')");
    await assert.rejects(watch.check(), { code: 'SLOT_MISSING' });
  });
}
