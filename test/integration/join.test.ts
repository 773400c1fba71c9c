import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { RepeatedWork } from './repeated-work.ts';
import { assertSame, fold, ROWS, SEAM_SCHEMA, SeamWriter } from './seam.ts';
import { serversForFile, type Servers } from './servers.ts';

const skip = skipUnless('kafka', 'kcat', 'postgres-15');
const OPTIONS = { SYNC_MODE: 'FULL + INCREMENTAL', SNAPSHOT_UNIT: '64kB' };

/** A look at new tables comes every ten seconds, and one may find the table locked by its writers. */
const LOOKED_MS = 90_000;

describe('a table that joins a changefeed that runs', { skip }, () => {
  let servers: Servers;
  serversForFile(skip, (started) => (servers = started), { version: '15', settings: { max_prepared_transactions: 20 } });

  test('has its rows read beside the stream: each key has its changes in their order, each change once', async (t) => {
    const feed = await servers.feed(t, {
      schema: 'CREATE TABLE other (id int PRIMARY KEY)',
      options: { ...OPTIONS, TABLES: 't,other' },
      partitions: 1,
    });
    await feed.query('CREATE TABLE t (id int PRIMARY KEY)');
    await feed.engine.start();
    await feed.engine.untilLogged('the snapshot is finished', LOOKED_MS);
    await feed.query(`DROP TABLE t; ${SEAM_SCHEMA}`);
    const writers = await Promise.all([0, 1, 2].map(async (number) => new SeamWriter(await servers.database.client(feed.name), number)));
    t.after(async () => void (await Promise.all(writers.map((writer) => writer.stop()))));
    for (const writer of writers) writer.begin();
    await feed.engine.untilLogged('public.t is read', LOOKED_MS);
    await Promise.all(writers.map((writer) => writer.stop()));
    await feed.untilConfirmed();
    await feed.engine.stop();
    const messages = (await feed.keyed()).filter(({ table }) => table === 't');
    await assertSame(feed, fold(messages, false));
    assert.ok(messages.length > ROWS);
  });

  test('a row never comes after a newer one, nor a change twice', async (t) => {
    const schema = `CREATE TABLE t (id int PRIMARY KEY)`;
    const feed = await servers.feed(t, { schema, options: { ...OPTIONS, WORKERS: '3' }, partitions: 7 });
    await feed.engine.start();
    await feed.engine.untilLogged('the snapshot is finished', LOOKED_MS);
    await feed.query(`CREATE TABLE u (id int PRIMARY KEY, v int NOT NULL, pad text NOT NULL DEFAULT repeat('x', 60));
      INSERT INTO u SELECT n, 0 FROM generate_series(1, ${ROWS}) n; ANALYZE u`);
    const writing = await RepeatedWork.start(t, feed, (client, round) =>
      client.query('UPDATE u SET v = v + 1 WHERE id % 50 = $1', [round % 5]),
    );
    await feed.engine.untilLogged('public.u is read', LOOKED_MS);
    await writing.end();
    await feed.untilConfirmed();
    await feed.engine.stop();
    const versions = new Map<unknown, number>();
    let overtaken = 0;
    for (const { type, table, data, xid } of await feed.keyed()) {
      if (table !== 'u') continue;
      const known = versions.get(data['id']);
      const place = `${type} of ${String(data['id'])} with v = ${String(data['v'])}, after ${known}`;
      if (xid === undefined) assert.ok(known === undefined || data['v'] === known, place);
      else assert.ok(known === undefined || data['v'] === known + 1, place);
      if (xid === undefined && known !== undefined) overtaken += 1;
      versions.set(data['id'], Number(data['v']));
    }
    const rows = await feed.query<{ id: number; v: number }>('SELECT id, v FROM u');
    assert.deepEqual(Object.fromEntries(versions), Object.fromEntries(rows.map(({ id, v }) => [id, v])));
    assert.ok(overtaken > 0, 'rows were changed before they were read');
  });
});
