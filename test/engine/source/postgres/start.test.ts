import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBeyond } from '../../../../engine/source/postgres/lsn.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { endOfLog, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = `
  CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY);`;

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(
    `PostgreSQL ${version}: a first start records the intent, then creates publication and slot, and starts at its consistent point`,
    { skip },
    async (t) => {
      const shop = await Shop.open(version, SCHEMA);
      const starter = new Starter(t, shop.url());
      const point = await starter.start(shop.options('orders,stock'));
      const slot = await shop.slotRow();
      assert.equal(slot?.['plugin'], 'pgoutput');
      assert.equal(slot['temporary'], false);
      assert.equal(slot['two_phase'], false);
      if (Number(version) >= 17) assert.equal(slot['failover'], true);
      assert.deepEqual(point.position, { kind: 'postgres', parts: [{ connection: shop.slot, lsn: slot['confirmed_flush_lsn'] }] });
      assert.equal(point.isNew, true);
      assert.deepEqual(
        starter.saves.map(({ source, position }) => [source.claim, position === null]),
        [
          ['intent', true],
          ['created', false],
        ],
      );
      const [identity] = await shop.query('SELECT system_identifier::text AS id, oid FROM pg_control_system(), pg_publication');
      const { source } = point;
      assert.deepEqual([source.systemIdentifier, source.publicationOid], [identity?.['id'], identity?.['oid']]);
      assert.deepEqual([source.timeline, source.database, source.slot], [1, shop.database, shop.slot]);
      const tables = await shop.query('SELECT tablename FROM pg_publication_tables ORDER BY 1');
      assert.deepEqual(tables, [{ tablename: 'orders' }, { tablename: 'stock' }]);
      const [comment] = await shop.query("SELECT obj_description(oid, 'pg_publication') AS comment FROM pg_publication");
      assert.equal(comment?.['comment'], 'managed by millrace for changefeed shop');
      await shop.query('INSERT INTO orders VALUES (1); INSERT INTO other VALUES (1)');
      assert.equal(await shop.pending(), 'BRIC');
    },
  );

  test(`PostgreSQL ${version}: a restart goes on at the stored position and changes nothing`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options('orders'));
    await shop.query('INSERT INTO orders VALUES (1)');
    const lsn = await endOfLog(shop);
    starter.moveTo(lsn);
    const point = await starter.start(shop.options('orders'));
    assert.equal(point.position.parts[0]?.lsn, lsn);
    assert.equal(point.isNew, false);
    assert.equal(starter.saves.length, 2, 'a restart has nothing to record');
    assert.equal(point.source.claim, 'created');
  });

  test(`PostgreSQL ${version}: a start cut short after the intent, and after the slot, finds its slot again`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const cut = (at: number) => (saves: number) => {
      if (saves === at) throw new Error('cut short');
    };
    await assert.rejects(starter.start(shop.options('orders'), cut(1)), /cut short/);
    assert.equal(await shop.slotRow(), undefined, 'the intent comes before the slot');
    await assert.rejects(starter.start(shop.options('orders'), cut(3)), /cut short/);
    // The slot stands, and what was stored is still the intent: the last save did not come through.
    starter.stored = starter.saves[1]!;
    assert.deepEqual([starter.stored.source.claim, starter.stored.position], ['intent', null]);
    await shop.query('INSERT INTO orders VALUES (1)');
    const slot = await shop.slotRow();
    const point = await starter.start(shop.options('orders'));
    assert.equal(point.position.parts[0]?.lsn, slot?.['confirmed_flush_lsn'], 'nothing between its creation and now is left out');
    assert.deepEqual([point.isNew, point.source.claim], [false, 'created']);
  });

  test(`PostgreSQL ${version}: a slot that another creates at the last moment is never taken for ours`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const connections = await starter.connections();
    const plan = await starter.preflight(shop.options('orders'));
    await shop.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [shop.slot]);
    await assert.rejects(starter.begin(connections, plan), { code: 'SLOT_FOREIGN' });
    await assert.rejects(starter.start(shop.options('orders')), { code: 'SLOT_FOREIGN', message: /MILLRACE_SLOT_ADOPT/ });
  });

  test(
    `PostgreSQL ${version}: a foreign slot is the one thing that is told, though no publication is there either`,
    { skip },
    async (t) => {
      const shop = await Shop.open(version, SCHEMA);
      await shop.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [shop.slot]);
      const starter = new Starter(t, shop.url());
      await assert.rejects(starter.start(shop.options('orders')), { code: 'SLOT_FOREIGN' });
      await assert.rejects(starter.start({ ...shop.options('orders'), adoptSlot: true }), { code: 'PUBLICATION_MISSING' });
    },
  );

  test(`PostgreSQL ${version}: the log says for which transactions the creation of a slot waits`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const writer = await shop.client(t);
    await writer.query("SET application_name = 'month_end'; BEGIN; INSERT INTO other VALUES (1)");
    const [{ pid } = { pid: 0 }] = (await writer.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
    const starter = new Starter(t, shop.url());
    const starting = starter.start(shop.options('orders'));
    await until(() => starter.warnings.length > 0, { what: 'the warning' });
    await writer.query('COMMIT');
    await starting;
    assert.match(
      starter.warnings[0]!,
      new RegExp(`^SLOT_WAITS: the creation of the slot ${shop.slot} waits for open transactions: pid ${pid} \\(month_end\\) since 20`),
    );
  });

  test(
    `PostgreSQL ${version}: other tables after a restart alter our publication and flow from the LSN that the log names`,
    { skip },
    async (t) => {
      const shop = await Shop.open(version, SCHEMA);
      const starter = new Starter(t, shop.url());
      await starter.start(shop.options('orders,stock'));
      await shop.query('INSERT INTO other VALUES (1)');
      const before = await endOfLog(shop);
      starter.infos.length = 0;
      await starter.start(shop.options('stock,other'));
      assert.deepEqual(await shop.query('SELECT tablename FROM pg_publication_tables ORDER BY 1'), [
        { tablename: 'other' },
        { tablename: 'stock' },
      ]);
      const alter = 'ALTER PUBLICATION "millrace_shop"';
      assert.equal(
        starter.infos[0],
        `altered the publication millrace_shop: ${alter} ADD TABLE "public"."other"; ${alter} DROP TABLE ONLY "public"."orders"`,
      );
      const lsn = /^changes of public\.other flow from ([0-9A-F]+\/[0-9A-F]+) on; earlier ones are not exported$/.exec(
        starter.infos[1]!,
      )?.[1];
      assert.ok(lsn !== undefined && !isBeyond(before, lsn), starter.infos[1]);
      await shop.query('INSERT INTO other VALUES (2)');
      assert.ok(!isBeyond(lsn, await endOfLog(shop)));
      assert.equal(await shop.pending(), 'BRIC', 'the row before it is not sent, the one behind it is');
    },
  );

  test(`PostgreSQL ${version}: a table is added between transactions, or the start says who holds it`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    await starter.start(shop.options('orders'));
    const writer = await shop.client(t);
    await writer.query("SET application_name = 'month_end'; BEGIN; INSERT INTO other VALUES (1)");
    await assert.rejects(starter.start(shop.options('orders,other')), {
      code: 'PUBLICATION_LOCKED',
      message: /^public\.other could not be added .* within 1000 ms: held by pid \d+ \(month_end\)\./,
    });
    await writer.query('INSERT INTO other VALUES (2); COMMIT');
    await starter.start(shop.options('orders,other'));
    await shop.query('INSERT INTO other VALUES (3)');
    assert.equal(await shop.pending(), 'BRIC', 'no half of a transaction');
  });

  test(`PostgreSQL ${version}: an operator's slot is adopted by the option, from where it stands`, { skip }, async (t) => {
    const shop = await Shop.open(version, `${SCHEMA} CREATE PUBLICATION shop FOR TABLE orders`);
    const [made] = await shop.query("SELECT lsn::text FROM pg_create_logical_replication_slot($1, 'pgoutput')", [shop.slot]);
    await shop.query('INSERT INTO orders VALUES (1)');
    const options = shop.options('orders', { publication: 'shop' });
    const starter = new Starter(t, shop.url());
    await assert.rejects(starter.start(options), { code: 'SLOT_FOREIGN' });
    const point = await starter.start({ ...options, adoptSlot: true });
    assert.equal(point.position.parts[0]?.lsn, made?.['lsn']);
    assert.deepEqual([point.isNew, point.source.claim], [false, 'adopted']);
    await starter.start(options);
    assert.equal(starter.stored?.source.claim, 'adopted', 'the option is needed once');
  });
}
