import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipUnless } from '../../../support/skip.ts';
import { endOfLog, optionsFor, serverFor, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY);';
const OPTIONS = optionsFor('orders,stock');

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: slots that cannot serve`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const other = await Shop.open(version, "SELECT pg_create_logical_replication_slot('elsewhere', 'pgoutput')");
    await shop.query(`
      SELECT pg_create_physical_replication_slot('physical'); SELECT pg_create_logical_replication_slot('decoding', 'test_decoding');
      SELECT pg_create_logical_replication_slot('prepared', 'pgoutput', false, true)`);
    const holder = await shop.client(t);
    await holder.query("SELECT pg_create_logical_replication_slot('fleeting', 'pgoutput', true)");
    const starter = new Starter(t, shop.url());
    const reasons: [string, RegExp][] = [
      ['physical', /is a physical one, for standbys/],
      ['decoding', /decodes with the plugin test_decoding; Millrace reads pgoutput/],
      ['prepared', /was made with two_phase/],
      ['elsewhere', new RegExp(`belongs to the database ${other.database}; this is ${shop.database}`)],
      ['fleeting', /is temporary/],
    ];
    // With a publication there, nothing but the slot stands in the way.
    await shop.query('CREATE PUBLICATION shop FOR ALL TABLES');
    for (const [slot, message] of reasons) {
      const options = { ...shop.options(), slot, publication: 'shop', adoptSlot: true };
      await assert.rejects(starter.preflight(options), { code: 'SLOT_UNSUITABLE', message }, slot);
    }
  });

  test(`PostgreSQL ${version}: a slot that somebody reads from`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    const reader = await (await starter.connections()).openReplication();
    const [{ pid } = { pid: 0 }] = (await reader.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const started = new Promise((resolve) =>
      (reader.client as unknown as { connection: NodeJS.EventEmitter }).connection.once('replicationStart', resolve),
    );
    reader.client
      .query(`START_REPLICATION SLOT ${shop.slot} LOGICAL 0/0 (proto_version '1', publication_names 'millrace_shop')`)
      .catch(() => undefined);
    await started;
    await assert.rejects(starter.start(shop.options()), {
      code: 'SLOT_ACTIVE',
      message: new RegExp(`read by pid ${pid} on the server, application "millrace`),
    });
    await reader.close();
  });

  test(`PostgreSQL ${version}: a slot whose log was thrown away`, { skip }, async (t) => {
    const server = await serverFor(t, { version, settings: { max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' } });
    await server.query(SCHEMA);
    const starter = new Starter(t, server.url());
    await starter.start(OPTIONS);
    const fill = "SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)) FROM generate_series(1, 17)";
    for (let i = 0; i < 3; i++) await server.query(`${fill}; SELECT pg_switch_wal()`);
    await server.query('CHECKPOINT');
    const reason = Number(version) >= 17 ? ' \\(wal_removed\\)' : '';
    await assert.rejects(starter.start(OPTIONS), {
      code: 'SLOT_LOST',
      message: new RegExp(
        `invalidated the slot millrace_shop${reason}: the log that it needs grew beyond max_slot_wal_keep_size \\(1MB ` +
          `now\\)\\. Raise it\\.`,
      ),
    });
  });

  test(`PostgreSQL ${version}: a slot that was dropped`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    await shop.query('SELECT pg_drop_replication_slot($1)', [shop.slot]);
    await assert.rejects(starter.start(shop.options()), {
      code: 'SLOT_MISSING',
      message: /cannot be read any more\. Start anew .*`millrace position reset`/,
    });
  });

  test(`PostgreSQL ${version}: a slot that was dropped and made again, also when nothing happened in between`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    starter.moveTo(await endOfLog(shop));
    await shop.query('SELECT pg_drop_replication_slot($1)', [shop.slot]);
    await shop.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [shop.slot]);
    await assert.rejects(starter.start(shop.options()), { code: 'SLOT_AHEAD', message: /dropped and made again/ });
  });

  test(`PostgreSQL ${version}: a slot that something else has read from`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    await shop.query('INSERT INTO orders VALUES (1)');
    await shop.query('SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())', [shop.slot]);
    await assert.rejects(starter.start(shop.options()), { code: 'SLOT_AHEAD', message: /the server would skip what lies between/ });
    starter.moveTo(await endOfLog(shop));
    await starter.start(shop.options());
  });

  test(`PostgreSQL ${version}: a position beyond the server's end, of which the server itself says nothing`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    starter.moveTo('FFFF/0');
    await assert.rejects(starter.start(shop.options()), {
      code: 'POSITION_BEYOND_END',
      message: /FFFF\/0 lies beyond the end of the server's log, 0\//,
    });
  });

  test(`PostgreSQL ${version}: the checkpoint of another cluster, database, slot or publication`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    const cluster = await serverFor(t, { version, fresh: true });
    await cluster.query(SCHEMA);
    const there = new Starter(t, cluster.url());
    await there.start(shop.options());
    there.stored = starter.stored;
    await assert.rejects(there.start(shop.options()), { code: 'SYSTEM_CHANGED', message: /system identifier \d+; this one has \d+/ });
    const elsewhere = await Shop.open(version, SCHEMA);
    const mover = new Starter(t, elsewhere.url());
    mover.stored = starter.stored;
    const message = `The checkpoint was made on the database ${shop.database}; this is ${elsewhere.database}.`;
    await assert.rejects(mover.start(shop.options()), { code: 'SYSTEM_CHANGED', message });
    await shop.query('CREATE PUBLICATION second FOR ALL TABLES');
    for (const fields of [{ publication: 'second' }, { slot: 'second' }]) {
      await assert.rejects(starter.start({ ...shop.options(), ...fields }), {
        code: 'SLOT_CHANGED',
        message: new RegExp(`belongs to the slot ${shop.slot} and`),
      });
    }
  });

  test(`PostgreSQL ${version}: after a reset the slot is taken where it stands, or made anew`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    const anything = { systemIdentifier: null, timeline: null, snapshotLsn: null, database: null, publicationOid: null };
    const reset = () => {
      starter.stored = { position: null, source: { ...starter.stored!.source, claim: 'intent', ...anything } };
    };
    await shop.query('INSERT INTO orders VALUES (1)');
    await shop.query('SELECT pg_replication_slot_advance($1, pg_current_wal_flush_lsn())', [shop.slot]);
    reset();
    const slot = await shop.slotRow();
    const resumed = await starter.start(shop.options());
    assert.deepEqual([resumed.position.parts[0]?.lsn, resumed.isNew], [slot?.['confirmed_flush_lsn'], false]);
    assert.equal(resumed.source.systemIdentifier, starter.saves.at(-1)?.source.systemIdentifier);
    await shop.query('SELECT pg_drop_replication_slot($1)', [shop.slot]);
    await shop.query('DROP PUBLICATION millrace_shop');
    reset();
    assert.equal((await starter.start(shop.options())).isNew, true);
  });
}

test('PostgreSQL 18: a slot that was idle for too long', { skip: skipUnless('postgres-18') }, async (t) => {
  const server = await serverFor(t, { version: '18' });
  await server.query(SCHEMA);
  const starter = new Starter(t, server.url());
  await starter.start(OPTIONS);
  await server.query('ALTER SYSTEM SET idle_replication_slot_timeout = 1');
  await server.query('SELECT pg_reload_conf(), pg_sleep(1.2)');
  await server.query('CHECKPOINT');
  await assert.rejects(starter.start(OPTIONS), {
    code: 'SLOT_LOST',
    message: /\(idle_timeout\): it was idle for longer than idle_replication_slot_timeout/,
  });
});
