import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyOf, untilPromoted } from '../support/postgres-copy.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { assertSame, fold } from './seam.ts';
import { Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

/** More than the engine can take in while the broker takes nothing. */
const SCHEMA = `
  CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, pad text NOT NULL DEFAULT repeat('x', 4000));
  INSERT INTO t SELECT n, 0 FROM generate_series(1, 10000) n; ANALYZE t;`;
const OPTIONS = { SYNC_MODE: 'FULL + INCREMENTAL', SNAPSHOT_UNIT: '64kB', MEMORY: '32MB', CHECKPOINT_INTERVAL: '10ms' };

test(
  'a failover in the middle of a snapshot, with the slot: the rest is read on the new timeline, and every change since comes',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const servers = await Servers.start();
    t.after(() => servers.destroy());
    const feed = await servers.feed(t, { schema: SCHEMA, options: OPTIONS, partitions: 1 });
    feed.engine.launch();
    await until(() => feed.engine.log().includes('reading what is'), { everyMs: 5, what: () => `the snapshot\n${feed.engine.tail()}` });
    servers.broker.pause();
    await feed.query('UPDATE t SET v = 1 WHERE id % 7 = 0; DELETE FROM t WHERE id % 11 = 0');
    await feed.engine.kill9();
    servers.broker.resume();
    await servers.database.stop();
    const heir = await copyOf(t, servers.database, 'recovery');
    await untilPromoted(heir);
    const query = <Row extends Record<string, unknown>>(sql: string) => heir.query<Row>(sql, undefined, feed.name);
    await query('UPDATE t SET v = v + 2 WHERE id % 5 = 0; DELETE FROM t WHERE id % 13 = 0; INSERT INTO t VALUES (1000001, 3)');
    await feed.engine.start({ SOURCE_URL: heir.url(feed.name) });
    await until(() => feed.engine.log().includes('the snapshot is finished'), { what: () => `the snapshot\n${feed.engine.tail()}` });
    await query('INSERT INTO t VALUES (1000002, 4)');
    const [end] = await query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn()::text AS lsn');
    const confirmed = `SELECT confirmed_flush_lsn >= '${end!.lsn}' AS is FROM pg_replication_slots WHERE slot_name = '${feed.slot}'`;
    await until(async () => (await query<{ is: boolean }>(confirmed))[0]!.is, { what: () => `the stream\n${feed.engine.tail()}` });
    await feed.engine.stop();
    assert.match(feed.engine.log(), /"position":"0\/[0-9A-F]+","slotCreated":false/);
    await assertSame({ query }, fold(await feed.keyed(), false));
  },
);

test(
  'a failover to before a second snapshot is refused, though the stream that follows it has not come so far: its rows are in Kafka',
  { skip: skipUnless(...NEEDS) },
  async (t) => {
    const servers = await Servers.start();
    t.after(() => servers.destroy());
    const feed = await servers.feed(t, { schema: SCHEMA, options: OPTIONS, partitions: 1 });
    const begins = () => feed.engine.log().split('reading what is').length - 1;
    const beginAndDie = async (times: number) => {
      feed.engine.launch();
      await until(() => begins() === times, { everyMs: 5, what: () => `the snapshot\n${feed.engine.tail()}` });
      await feed.engine.kill9();
    };
    await beginAndDie(1);
    await servers.database.stop();
    const heir = await copyOf(t, servers.database, 'recovery');
    await untilPromoted(heir);

    // The old primary lives on for a while, and a second snapshot shows what only it has.
    await servers.database.start();
    await feed.query('UPDATE t SET v = 1');
    await beginAndDie(2);

    await assert.rejects(feed.engine.start({ SOURCE_URL: heir.url(feed.name) }));
    assert.match(feed.engine.log(), /"code":"TIMELINE_SWITCHED".*The stored snapshot's place 0\/[0-9A-F]+ lies on timeline 1/);
  },
);
