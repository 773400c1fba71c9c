import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { RepeatedWork } from './repeated-work.ts';
import { Servers } from './servers.ts';

const ROWS = 20_000;
/** Ids that are changed meanwhile, spread over all units. */
const CHANGED_EVERY = 100;

for (const version of ['15', '18'] as const) {
  describe(
    `rows of a snapshot and their changes, PostgreSQL ${version}`,
    { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) },
    () => {
      let servers: Servers;
      before(async () => {
        servers = await Servers.start({ version });
      });
      after(() => servers.destroy());

      test('whatever connection reads it and whatever worker sends it, a row comes before its changes, and each change once', async (t) => {
        const schema = `CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, pad text NOT NULL DEFAULT repeat('x', 60));
        INSERT INTO t SELECT n, 0 FROM generate_series(1, ${ROWS}) n; ANALYZE t;`;
        const options = { SYNC_MODE: 'FULL + INCREMENTAL', SNAPSHOT_UNIT: '64kB', SNAPSHOT_CONNECTIONS: '4', WORKERS: '3' };
        const feed = await servers.feed(t, { schema, options, partitions: 7 });
        const writing = await RepeatedWork.start(t, feed, (client, round) =>
          client.query('UPDATE t SET v = v + 1 WHERE id % $1 = $2', [CHANGED_EVERY, round % 3]),
        );
        await writing.untilMore(3);
        await feed.engine.start();
        await feed.engine.untilLogged('the snapshot is finished');
        await writing.untilMore(6);
        await writing.end();
        await feed.untilConfirmed();
        await feed.engine.stop();
        const versions = new Map<unknown, number>();
        for (const { type, data, xid } of await feed.keyed()) {
          const known = versions.get(data['id']);
          const place = `${type} of ${String(data['id'])} with v = ${String(data['v'])}, after ${known}`;
          if (xid === undefined) assert.equal(known, undefined, place);
          else assert.equal(data['v'], known! + 1, place);
          versions.set(data['id'], Number(data['v']));
        }
        assert.equal(versions.size, ROWS);
        const rows = await feed.query<{ id: number; v: number }>('SELECT id, v FROM t');
        assert.deepEqual(versions, new Map([...versions.keys()].map((id) => [id, rows.find((row) => row.id === id)!.v])));
        assert.ok(Math.max(...versions.values()) > 3, 'rows were changed while others were read');
      });

      test('both tell the same columns: none that is generated, no long value as null, enums by their labels', async (t) => {
        const schema = `
        CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TYPE other.mood AS ENUM ('c', 'd');
        CREATE TABLE t (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED, big text, m mood, o other.mood);
        ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
        INSERT INTO t (id, n, big, m, o) VALUES (1, 1, repeat('x', 9000), 'a', 'c'), (2, 1, NULL, 'b', 'd')`;
        const feed = await servers.feed(t, { schema, options: { SYNC_MODE: 'FULL + INCREMENTAL' }, partitions: 1 });
        await feed.engine.start();
        await feed.engine.untilLogged('the snapshot is finished');
        await feed.query("ALTER TYPE mood ADD VALUE 'z' BEFORE 'a'");
        await feed.query("ALTER TYPE other.mood RENAME VALUE 'd' TO 'e'");
        await feed.query("UPDATE t SET n = 2 WHERE id = 1; UPDATE t SET m = 'z' WHERE id = 2; UPDATE t SET id = 3 WHERE id = 1");
        await feed.untilCount(5);
        await feed.engine.stop();
        const big = 'x'.repeat(9000);
        assert.deepEqual(
          (await feed.keyed()).map(({ data }) => data),
          [
            { id: 1, n: 1, big, m: 'a', o: 'c' },
            { id: 2, n: 1, big: null, m: 'b', o: 'd' },
            { id: 1, n: 2, m: 'a', o: 'c' },
            { id: 2, n: 1, big: null, m: 'z', o: 'e' },
            { id: 3, n: 2, m: 'a', o: 'c' },
          ],
        );
      });
    },
  );
}
