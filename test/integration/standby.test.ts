import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { standbyOf, untilCaughtUp, untilPromoted } from '../support/postgres-copy.ts';
import type { PostgresServer } from '../support/postgres.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers, type Feed } from './servers.ts';

const ROWS = 20_000;
/** More than the engine can take in while the broker takes nothing. */
const SCHEMA = `
  CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL DEFAULT 0, pad text NOT NULL DEFAULT repeat('x', 4000));
  INSERT INTO t SELECT n FROM generate_series(1, ${ROWS}) n; ANALYZE t;`;
const OPTIONS = { SYNC_MODE: 'FULL', SNAPSHOT_UNIT: '128kB', MEMORY: '32MB', CHECKPOINT_INTERVAL: '10ms' };

for (const version of ['15', '18'] as const) {
  describe(`a standby of PostgreSQL ${version} as what is read`, { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) }, () => {
    let servers: Servers;
    let standby: PostgresServer;
    const endings: (() => Promise<void>)[] = [];
    before(async () => {
      servers = await Servers.start({ version });
      standby = await standbyOf({ after: (end) => endings.push(end) }, servers.database);
    });
    after(async () => {
      for (const end of endings) await end();
      await servers.destroy();
    });

    async function feedOf(t: Parameters<Servers['feed']>[0]): Promise<Feed> {
      const SOURCE_URL = standby.url(servers.nextName);
      const feed = await servers.feed(t, { schema: SCHEMA, options: { ...OPTIONS, SOURCE_URL }, partitions: 1 });
      await untilCaughtUp(standby, servers.database);
      return feed;
    }

    async function change(setting: string): Promise<void> {
      await standby.query(`ALTER SYSTEM SET ${setting}`);
      await standby.query('SELECT pg_reload_conf()');
    }

    /** Starts to read, and freezes the broker with the snapshot open. */
    async function frozenInTheMiddle(feed: Feed): Promise<void> {
      feed.engine.launch();
      await until(() => feed.engine.log().includes('reading what is'), { everyMs: 5, what: () => `the snapshot\n${feed.engine.tail()}` });
      servers.broker.pause();
      assert.ok(!feed.engine.log().includes('is finished'), feed.engine.tail());
    }

    /** The rows as they were sent, of which each must have come once. */
    async function readOnce(feed: Feed): Promise<Record<string, unknown>[]> {
      const rows = (await feed.messages()).map(({ data }) => data);
      assert.equal(rows.length, ROWS);
      assert.equal(new Set(rows.map(({ id }) => id)).size, ROWS);
      return rows;
    }

    test('every row once, as they were at one moment, while the primary is written to', async (t) => {
      const feed = await feedOf(t);
      await change('hot_standby_feedback = on');
      const writer = { rounds: 0, isOver: false };
      const client = await servers.database.client(feed.name);
      const write = async () => {
        // Whatever the moment, the sum is 0: half of ten rows gains what the other half loses.
        const move = 'UPDATE t SET v = v + CASE WHEN id % 4000 < 2000 THEN 1 ELSE -1 END WHERE id % 2000 = $1';
        for (; !writer.isOver; writer.rounds++) await client.query(move, [writer.rounds % 2000]);
      };
      const writing = write();
      t.after(() => client.end());
      await until(() => writer.rounds > 50, { what: 'writes' });
      await untilCaughtUp(standby, servers.database);
      await frozenInTheMiddle(feed);
      const { rounds } = writer;
      await until(() => writer.rounds > rounds + 200, { what: 'more writes' });
      await untilCaughtUp(standby, servers.database);
      servers.broker.resume();
      const exit = await feed.engine.ended(60_000);
      writer.isOver = true;
      await writing;
      assert.equal(exit.code, 0, feed.engine.tail());
      const values = (await readOnce(feed)).map(({ v }) => v as number);
      assert.ok(values.some((v) => v !== 0));
      assert.equal(
        values.reduce((sum, v) => sum + v, 0),
        0,
      );
    });

    test('a snapshot that the primary takes the ground from is told as that, and the rest is read under a new one', async (t) => {
      const feed = await feedOf(t);
      await change('max_standby_streaming_delay = 0');
      await change('hot_standby_feedback = off');
      await frozenInTheMiddle(feed);
      await feed.query('DELETE FROM t WHERE id % 2 = 0');
      await feed.query('VACUUM t');
      await untilCaughtUp(standby, servers.database);
      servers.broker.resume();
      assert.equal((await feed.engine.ended(60_000)).code, 0, feed.engine.tail());
      assert.match(feed.engine.log(), /"code":"SNAPSHOT_CANCELLED"/);
      const ids = new Set((await feed.messages()).map(({ data }) => data['id'] as number));
      for (let id = 1; id < ROWS; id += 2) assert.ok(ids.has(id), `${id}`);
    });

    test('promoted in the middle, what is read goes on under the same snapshot', async (t) => {
      const feed = await feedOf(t);
      await frozenInTheMiddle(feed);
      await standby.query('SELECT pg_promote()');
      await untilPromoted(standby);
      await standby.query('UPDATE t SET v = 1', undefined, feed.name);
      servers.broker.resume();
      assert.equal((await feed.engine.ended(60_000)).code, 0, feed.engine.tail());
      assert.ok((await readOnce(feed)).every(({ v }) => v === 0));
    });
  });
}
