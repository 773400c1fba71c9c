import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { OrderedCapture } from './ordered-capture.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';

const skip = skipUnless('kafka', 'kcat', 'postgres-15');
const ROWS = 60_000;
const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v int, pad text DEFAULT repeat('x', 100)); CREATE TABLE other (id int PRIMARY KEY);
  INSERT INTO t SELECT n, 0 FROM generate_series(1, ${ROWS}) n; ANALYZE t`;

/** What happens to the table in the middle, what becomes of the read, and how many of the first rows the messages tell at least. */
const CASES = [
  { what: 'is dropped', sql: 'DROP TABLE t', state: 'failed', code: 'READ_TABLE_GONE', rows: 0 },
  { what: 'is renamed', sql: 'ALTER TABLE t RENAME TO u', state: 'failed', code: 'READ_TABLE_GONE', rows: 0 },
  { what: 'is made again', sql: `DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY)`, state: 'failed', code: 'READ_TABLE_GONE', rows: 0 },
  { what: 'leaves the publication', sql: 'ALTER PUBLICATION $1 DROP TABLE t', state: 'failed', code: 'READ_TABLE_UNPUBLISHED', rows: 0 },
  {
    what: 'loses its key',
    sql: 'ALTER TABLE t DROP CONSTRAINT t_pkey; INSERT INTO t VALUES (0, 0)',
    state: 'failed',
    code: 'READ_TABLE_UNKEYED',
    rows: 0,
  },
  { what: 'is truncated', sql: 'TRUNCATE t; INSERT INTO t VALUES (1, 7)', state: 'done', code: undefined, rows: 1 },
  { what: 'is rewritten', sql: 'ALTER TABLE t ALTER v TYPE bigint', state: 'done', code: undefined, rows: ROWS },
  { what: 'loses a column', sql: 'ALTER TABLE t DROP v', state: 'done', code: undefined, rows: ROWS },
  {
    what: 'gets another key',
    sql: 'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (pad, id)',
    state: 'done',
    code: undefined,
    rows: ROWS,
  },
] as const;

describe('a table that changes while it is read beside the stream', { skip }, () => {
  let servers: Servers;
  serversForFile(skip, (started) => (servers = started));

  async function reading(t: TestContext): Promise<{ feed: Feed; capture: OrderedCapture }> {
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1 });
    const capture = new OrderedCapture(t, {
      CHANGEFEED: feed.name,
      SOURCE_URL: servers.database.url(feed.name),
      TABLES: 't,other',
      SYNC_MODE: 'INCREMENTAL',
      BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
      TOPIC: feed.name,
      SNAPSHOT_UNIT: '64kB',
      CHECKPOINT_INTERVAL: '40ms',
      RETRY_BACKOFF: '50ms',
    });
    await capture.start();
    capture.read('public.t', null, 'read');
    await capture.untilRecorded(1);
    return { feed, capture };
  }

  for (const { what, sql, state, code, rows } of CASES) {
    test(`that ${what}: the read is ${state}, the stream goes on`, async (t) => {
      const { feed, capture } = await reading(t);
      await feed.query(sql.replace('$1', `millrace_${feed.name}`));
      const read = await capture.until('read', state);
      assert.equal(read.error?.code, code, read.error?.message);
      await feed.query('INSERT INTO other VALUES (1)');
      await feed.untilConfirmed();
      await capture.stop();
      const messages = await feed.keyed();
      assert.ok(messages.some(({ table }) => table === 'other'));
      const ids = new Set(messages.filter(({ table, data }) => table === 't' && Number(data['id']) <= ROWS).map(({ data }) => data['id']));
      assert.ok(ids.size >= rows, `${ids.size} rows`);
      assert.ok(read.chunksDone > 0 && read.chunksDone <= read.chunks);
    });
  }

  test('whose slot is lost ends the changefeed, as without a read', async (t) => {
    const { feed, capture } = await reading(t);
    const dropped = async () => {
      await feed.query(`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${feed.slot}' AND active`);
      await feed.query(`SELECT pg_drop_replication_slot('${feed.slot}')`);
      return true;
    };
    await until(dropped, { everyMs: 1, what: 'the slot to be dropped' });
    await capture.untilSaid('SLOT_MISSING');
  });
});
