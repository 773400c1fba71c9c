import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { RepeatedWork } from './repeated-work.ts';
import { serversForFile, type Servers } from './servers.ts';

const skip = skipUnless('kafka', 'kcat', 'postgres-15');
/** Of a row each: a read gives up beyond 1000. They are spread over it. */
const MOVES_MAX = 900;
const PACE = 'SELECT pg_sleep(0.002)';
const OPTIONS = { SYNC_MODE: 'FULL + INCREMENTAL', SNAPSHOT_UNIT: '512kB' };

/** A look at new tables comes every ten seconds, and one may find the table locked by its writers. */
const LOOKED_MS = 90_000;

describe('a table that joins', { skip }, () => {
  let servers: Servers;
  serversForFile(skip, (started) => (servers = started));

  test('has all of its long values, though the stream leaves them out where they stay, also of rows that get another key', async (t) => {
    const feed = await servers.feed(t, {
      schema: 'CREATE TABLE t (id int PRIMARY KEY)',
      options: OPTIONS,
      partitions: 1,
    });
    await feed.engine.start();
    await feed.engine.untilLogged('the snapshot is finished', LOOKED_MS);
    await feed.query(`CREATE TABLE u (id int PRIMARY KEY, v int NOT NULL, big text NOT NULL); ALTER TABLE u ALTER big SET STORAGE EXTERNAL;
      INSERT INTO u SELECT n, 0, repeat(n::text || '-', 600) FROM generate_series(2, 4000, 2) n; ANALYZE u`);
    let moves = 0;
    const writing = await RepeatedWork.start(t, feed, async (client, round) => {
      // A few rows all the time, and others from one end of the table to the other and back: fewer than a read takes.
      await client.query('UPDATE u SET v = v + 1 WHERE id % 400 = 0');
      if (moves === MOVES_MAX || !feed.engine.log().includes('reading public.u')) return;
      moves += 1;
      const from = 2 + 2 * ((round * 37) % 1000);
      await client.query('UPDATE u SET id = 4001 - id, v = v + 1 WHERE id = $1 OR id = 4001 - $1', [from]);
      await client.query(PACE);
    });
    await feed.engine.untilLogged('public.u is read', LOOKED_MS);
    await writing.end();
    await feed.untilConfirmed();
    await feed.engine.stop();
    const state = new Map<unknown, Record<string, unknown>>();
    let partial = 0;
    for (const { type, table, data, old } of await feed.keyed()) {
      if (table !== 'u') continue;
      const before = { ...state.get(data['id']), ...state.get(old?.['id'] ?? data['id']) };
      if (old?.['id'] !== undefined) state.delete(old['id']);
      if (type === 'delete') state.delete(data['id']);
      else state.set(data['id'], { ...before, ...data });
      if (data['big'] === undefined) partial += 1;
    }
    const rows = await feed.query<{ id: number; v: number; big: string }>('SELECT id, v, big FROM u');
    const wrong = rows.filter(({ id, v, big }) => state.get(id)?.['v'] !== v || state.get(id)?.['big'] !== big);
    assert.deepEqual(wrong.map(({ id, v }) => [id, v, state.get(id)?.['v'], typeof state.get(id)?.['big']]).slice(0, 5), []);
    assert.deepEqual([state.size, rows.length, partial > 100], [2000, 2000, true], `${partial} messages without the long value`);
  });

  test('waits for a commit that is streamed and not shown yet: its rows do not come after it as they were before', async (t) => {
    const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int PRIMARY KEY)', options: OPTIONS, partitions: 1 });
    await feed.engine.start();
    await feed.engine.untilLogged('the snapshot is finished', LOOKED_MS);
    await feed.query(`CREATE TABLE u (id int PRIMARY KEY, v int); INSERT INTO u VALUES (1, 1), (2, 1);
      ALTER PUBLICATION millrace_${feed.name} ADD TABLE u`);
    // The first row of a table waits for the catalogue, and so for its commit to be shown.
    await feed.query('UPDATE u SET v = 0 WHERE id = 2');
    await feed.untilCount(1);
    const client = await servers.database.client(feed.name);
    t.after(() => client.end());
    await feed.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    const release = async () => {
      await feed.query('ALTER SYSTEM RESET synchronous_standby_names');
      await feed.query('SELECT pg_reload_conf()');
    };
    t.after(release);
    await feed.query('SELECT pg_reload_conf()');
    await until(
      async () => (await feed.query<{ s: string }>('SHOW synchronous_standby_names')).some((row) => Object.values(row)[0] === 'nobody'),
      {
        what: 'the standby to be waited for',
      },
    );
    const committing = client.query('UPDATE u SET v = 2 WHERE id = 1');
    await feed.untilCount(2);
    assert.deepEqual(await feed.query('SELECT v FROM u WHERE id = 1'), [{ v: 1 }], 'it is in Kafka, and no query shows it');
    await feed.engine.untilLogged('public.u was created since the start');
    await feed.query('SELECT pg_sleep(0.3)');
    assert.equal(await feed.count(), 2, 'nothing is read');
    await release();
    await committing;
    await feed.engine.untilLogged('public.u is read', LOOKED_MS);
    await feed.engine.stop();
    assert.deepEqual(
      (await feed.keyed()).map(({ type, data }) => [type, data['id'], data['v']]),
      [
        ['update', 2, 0],
        ['update', 1, 2],
        ['insert', 2, 0],
        ['insert', 1, 2],
      ],
    );
  });
});
