import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBeyond } from '../../../../engine/source/postgres/lsn.ts';
import { copyOf, standbyOf, untilCaughtUp, untilPromoted } from '../../../support/postgres-copy.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { endOfLog, optionsFor, serverFor, Starter } from './starts.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY);';
const OPTIONS = optionsFor('orders');

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(
    `PostgreSQL ${version}: a server that was promoted before the stored position or the last snapshot is refused, one that was promoted behind them is not`,
    { skip },
    async (t) => {
      const original = await serverFor(t, { version });
      await original.query(SCHEMA);
      const starter = new Starter(t, original.url());
      await starter.start(OPTIONS);
      await original.query('INSERT INTO orders VALUES (1)');
      const before = await endOfLog(original);
      await starter.close();
      await original.stop();
      const copy = await copyOf(t, original, 'recovery');
      await untilPromoted(copy);

      // The old primary lived on, and was exported, for a while.
      await original.start();
      await original.query('INSERT INTO orders SELECT generate_series(2, 1000)');
      const beyond = await endOfLog(original);

      const moved = new Starter(t, copy.url());
      moved.stored = starter.stored;
      moved.moveTo(beyond);
      // Written far enough, the copy's log has a place of that name too, in which there is something else.
      await copy.query('CREATE TABLE filler AS SELECT generate_series(1, 20000) AS a');
      assert.ok(isBeyond(await endOfLog(copy), beyond));
      await assert.rejects(moved.start(OPTIONS), {
        code: 'TIMELINE_SWITCHED',
        message: new RegExp(
          `^The stored position ${beyond} lies on timeline 1, which this server left at 0/[0-9A-F]+; it is on timeline 2 now\\.`,
        ),
      });
      moved.moveTo(before);
      moved.stored = { ...moved.stored!, source: { ...moved.stored!.source, snapshotLsn: beyond } };
      await assert.rejects(moved.start(OPTIONS), {
        code: 'TIMELINE_SWITCHED',
        message: new RegExp(`^The stored snapshot's place ${beyond} lies on timeline 1, which this server left at`),
      });
      moved.stored = { ...moved.stored, source: { ...moved.stored.source, snapshotLsn: before } };
      const point = await moved.start(OPTIONS);
      assert.deepEqual([point.position.parts[0]?.lsn, point.source.timeline, point.source.snapshotLsn], [before, 2, before]);
    },
  );

  test(`PostgreSQL ${version}: a standby is refused`, { skip }, async (t) => {
    const original = await serverFor(t, { version });
    await original.query(SCHEMA);
    await original.stop();
    const standby = await copyOf(t, original, 'standby');
    await assert.rejects(new Starter(t, standby.url()).preflight(OPTIONS), {
      code: 'SERVER_STANDBY',
      message: /Point MILLRACE_SOURCE_URL at the primary/,
    });
  });

  test(`PostgreSQL ${version}: after a failover to a server without the slot, the refusal says why it is missing`, { skip }, async (t) => {
    const original = await serverFor(t, { version });
    await original.query(SCHEMA);
    const starter = new Starter(t, original.url());
    await starter.start(OPTIONS);
    await starter.close();
    await original.stop();
    const copy = await copyOf(t, original, 'recovery');
    await untilPromoted(copy);
    await copy.query("SELECT pg_drop_replication_slot('millrace_shop')");
    const moved = new Starter(t, copy.url());
    moved.stored = starter.stored;
    const why =
      Number(version) < 17
        ? /from timeline 1 to 2: a failover, which slots survive only from PostgreSQL 17 on\./
        : /sync_replication_slots, hot_standby_feedback and/;
    await assert.rejects(moved.start(OPTIONS), { code: 'SLOT_MISSING', message: why });
  });
}

for (const version of ['17', '18'] as const) {
  test(
    `PostgreSQL ${version}: our slot survives a failover to a standby that copies slots`,
    { skip: skipUnless(`postgres-${version}`) },
    async (t) => {
      const primary = await serverFor(t, { version });
      await primary.query(SCHEMA);
      const standby = await standbyOf(t, primary, { hot_standby_feedback: 'on', sync_replication_slots: 'on' });
      const starter = new Starter(t, primary.url());
      await starter.start(OPTIONS);
      const isSynced = "SELECT synced AND NOT temporary AS is FROM pg_replication_slots WHERE slot_name = 'millrace_shop'";
      // The standby keeps the copy once the original, reading on, has passed the log that the standby still has.
      const readOn = async () => {
        await primary.query('SELECT pg_log_standby_snapshot()');
        await primary.query("SELECT pg_replication_slot_advance('millrace_shop', pg_current_wal_flush_lsn())");
        return (await standby.query<{ is: boolean }>(isSynced))[0]?.is;
      };
      await until(readOn, { what: () => `the slot on the standby:\n${standby.log()}`, deadlineMs: 60_000, everyMs: 100 });
      await primary.query('INSERT INTO orders VALUES (1)');
      const stored = await endOfLog(primary);
      starter.moveTo(stored);
      await untilCaughtUp(standby, primary);
      await starter.close();
      await primary.kill9();
      await standby.query('SELECT pg_promote()');
      const moved = new Starter(t, standby.url());
      moved.stored = starter.stored;
      const point = await moved.start(OPTIONS);
      assert.deepEqual([point.position.parts[0]?.lsn, point.source.timeline], [stored, 2]);
    },
  );
}
