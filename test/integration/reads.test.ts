import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { OrderedCapture } from './ordered-capture.ts';
import { serversForFile, type Feed, type KeyedMessage, type Servers } from './servers.ts';

const skip = skipUnless('kafka', 'kcat', 'postgres-15');

describe('a table that is read again while the stream runs', { skip }, () => {
  let servers: Servers;
  serversForFile(skip, (started) => (servers = started));

  async function ordered(t: TestContext, schema: string, options = {}): Promise<{ feed: Feed; capture: OrderedCapture }> {
    const feed = await servers.feed(t, { schema, partitions: 1 });
    const capture = new OrderedCapture(t, {
      CHANGEFEED: feed.name,
      SOURCE_URL: servers.database.url(feed.name),
      TABLES: '*.*',
      SYNC_MODE: 'INCREMENTAL',
      BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
      TOPIC: feed.name,
      CHECKPOINT_INTERVAL: '40ms',
      ...options,
    });
    await capture.start();
    return { feed, capture };
  }

  const rowsOf = (messages: readonly KeyedMessage[]) => messages.filter(({ xid }) => xid === undefined);

  const NUMBERS = "CREATE TABLE t (id int PRIMARY KEY, v int, pad text DEFAULT repeat('x', 100));";
  const FILLED = `${NUMBERS} INSERT INTO t SELECT n, n % 10 FROM generate_series(1, 5000) n; ANALYZE t`;

  test('has the rows that a condition holds for', async (t) => {
    const { feed, capture } = await ordered(t, FILLED);
    capture.read('public.t', 'v = 3 -- and no other');
    const { rows, expectedRows, chunks, chunksDone, where } = await capture.until('order public.t', 'done');
    assert.deepEqual(
      { rows, expectedRows, chunks, chunksDone, where },
      { rows: 500, expectedRows: 5000, chunks: 1, chunksDone: 1, where: 'v = 3 -- and no other' },
    );
    await capture.stop();
    const read = rowsOf(await feed.keyed());
    assert.deepEqual(
      [read.length, read.every(({ data, type }) => data['v'] === 3 && type === 'insert'), new Set(read.map(({ data }) => data['id'])).size],
      [500, true, 500],
    );
  });

  test('is refused with a condition that is none, without a key, and where it is not known; the stream goes on', async (t) => {
    const { feed, capture } = await ordered(t, `${FILLED}; CREATE TABLE keyless (id int); INSERT INTO keyless VALUES (1);`);
    const conditions = [
      'v =',
      'true) OR (true',
      'v',
      'true; DROP TABLE t',
      'true) TO STDOUT; DELETE FROM t; COPY (SELECT 1 WHERE (true',
      '/*',
    ];
    for (const where of conditions) {
      capture.read('public.t', where, where);
      const { error } = await capture.until(where, 'failed');
      assert.equal(error?.code, 'READ_FILTER_INVALID', where);
    }
    capture.read('public.keyless');
    assert.equal((await capture.until('order public.keyless', 'failed')).error?.code, 'READ_TABLE_UNKEYED');
    capture.read('public.nothing');
    const unknown = (await capture.until('order public.nothing', 'failed')).error;
    assert.equal(unknown?.code, 'READ_TABLE_UNKNOWN');
    assert.match(unknown.message, /public\.keyless, public\.t\./);
    await feed.query('ALTER PUBLICATION millrace_' + feed.name + ' DROP TABLE t');
    capture.read('public.t', null, 'unpublished');
    assert.equal((await capture.until('unpublished', 'failed')).error?.code, 'READ_TABLE_UNPUBLISHED');
    await feed.query('INSERT INTO keyless VALUES (2)');
    await feed.untilCount(1);
    assert.equal((await feed.query('SELECT FROM t')).length, 5000);
  });

  test('that is cancelled stays so, while it waits and while it is read', async (t) => {
    const { feed, capture } = await ordered(t, `${FILLED}; CREATE TABLE u (id int PRIMARY KEY)`);
    const client = await servers.database.client(feed.name);
    t.after(() => client.end());
    // A writer that is not over keeps the table from being read.
    await client.query('BEGIN; UPDATE t SET v = 0 WHERE id = 1');
    capture.read('public.t');
    capture.read('public.u');
    await capture.until('order public.t', 'reading');
    capture.cancel('order public.u');
    await capture.until('order public.u', 'cancelled');
    capture.cancel('order public.t');
    await capture.until('order public.t', 'cancelled');
    await client.query('COMMIT');
    capture.read('public.t', null, 'again');
    assert.equal((await capture.until('again', 'done')).rows, 5000);
    capture.read('public.t');
    capture.cancel('again');
    await capture.stop();
    assert.equal(rowsOf(await feed.keyed()).length, 5000);
  });

  test('goes on after a crash where it was recorded, and only there', async (t) => {
    const { feed, capture } = await ordered(t, FILLED, { SNAPSHOT_UNIT: '64kB' });
    capture.read('public.t');
    capture.read('public.t', 'v = 1', 'next');
    await capture.untilRecorded(1);
    await capture.kill();
    await capture.start();
    const { chunks, chunksDone } = await capture.until('order public.t', 'done');
    assert.ok(chunks > 5 && chunks === chunksDone, `${chunksDone} of ${chunks}`);
    assert.equal((await capture.until('next', 'done')).rows, 500);
    await capture.stop();
    const counts = new Map<unknown, number>();
    for (const { data } of rowsOf(await feed.keyed())) counts.set(data['id'], (counts.get(data['id']) ?? 0) + 1);
    assert.equal(counts.size, 5000);
    const surplus = [...counts].filter(([id, count]) => count > (Number(id) % 10 === 1 ? 2 : 1)).length;
    assert.ok(surplus <= 2 * Math.ceil(5000 / chunks) + 500, `${surplus} rows came again`);
  });
});
