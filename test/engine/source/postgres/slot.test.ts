import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlot, dropSlot, listSlots, readSlot } from '../../../../engine/source/postgres/slot.ts';
import { skipUnless } from '../../../support/skip.ts';
import { serverFor, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY)';

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: slots are listed with who reads them and how far behind they are`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    await shop.query(`SELECT pg_create_physical_replication_slot('p_${shop.slot}')`);
    await shop.query("SELECT pg_logical_emit_message(true, 'fill', repeat('x', 100000))");
    const client = await shop.client(t);
    const all = await listSlots(client);
    const ours = all.find(({ name }) => name === shop.slot)!;
    assert.deepEqual(ours, await readSlot(client, shop.slot));
    assert.deepEqual(
      [
        ours.kind,
        ours.plugin,
        ours.database,
        ours.isTemporary,
        ours.isTwoPhase,
        ours.isFailover,
        ours.reader,
        ours.walStatus,
        ours.invalidation,
      ],
      ['logical', 'pgoutput', shop.database, false, false, Number(version) >= 17 ? true : null, null, 'reserved', null],
    );
    assert.ok(Number(ours.lagBytes) > 100_000, String(ours.lagBytes));
    const physical = all.find(({ name }) => name === `p_${shop.slot}`)!;
    assert.deepEqual([physical.kind, physical.plugin, physical.confirmedLsn, physical.lagBytes], ['physical', null, null, null]);
    assert.equal(await readSlot(client, 'no_such_slot'), null);
  });

  test(`PostgreSQL ${version}: a slot is dropped, but not under its reader`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options());
    const client = await shop.client(t);
    const reader = await (await starter.connections()).openReplication();
    const [{ pid } = { pid: 0 }] = (await reader.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const started = new Promise((resolve) =>
      (reader.client as unknown as { connection: NodeJS.EventEmitter }).connection.once('replicationStart', resolve),
    );
    reader.client
      .query(`START_REPLICATION SLOT ${shop.slot} LOGICAL 0/0 (proto_version '1', publication_names 'millrace_shop')`)
      .catch(() => undefined);
    await started;
    await assert.rejects(dropSlot(client, shop.slot), {
      code: 'SLOT_ACTIVE',
      message: new RegExp(
        `^The slot ${shop.slot} is being read by pid ${pid} on the server, application ".*" from 127\\.0\\.0\\.1\\. ` +
          `.*pg_terminate_backend\\(${pid}\\);$`,
      ),
      details: { slot: shop.slot, pid },
    });
    await client.query('SELECT pg_terminate_backend($1, 10000)', [pid]);
    assert.equal((await dropSlot(client, shop.slot)).name, shop.slot);
    assert.equal(await shop.slotRow(), undefined);
    await assert.rejects(dropSlot(client, shop.slot), { code: 'SLOT_MISSING' });
  });

  test(`PostgreSQL ${version}: no room for a slot`, { skip }, async (t) => {
    const server = await serverFor(t, { version, settings: { max_replication_slots: 1 } });
    await server.query("SELECT pg_create_physical_replication_slot('taken')");
    const { client } = await (await new Starter(t, server.url()).connections()).openReplication();
    await assert.rejects(createSlot(client, 'ours', Number(version) * 10_000, false), { code: 'SLOTS_EXHAUSTED' });
  });

  test(`PostgreSQL ${version}: the forms of the command for older versions are taken too`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const { client } = await (await new Starter(t, shop.url()).connections()).openReplication();
    for (const versionNumber of [140_000, 150_000, 160_000].filter((number) => number <= Number(version) * 10_000)) {
      const { lsn } = await createSlot(client, `v${versionNumber}`, versionNumber, false);
      assert.equal((await readSlot(await shop.client(t), `v${versionNumber}`))?.confirmedLsn, lsn);
    }
  });
}
