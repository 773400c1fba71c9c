import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { MillraceOptions } from '../support/millrace.ts';
import { skipUnless } from '../support/skip.ts';
import { OrderedCapture } from './ordered-capture.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';

const skip = skipUnless('kafka', 'kcat', 'postgres-15');

const ROWS = 3000;
const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v int, pad text DEFAULT repeat('x', 100));
  INSERT INTO t SELECT n, 0 FROM generate_series(1, ${ROWS}) n; ANALYZE t`;

const PARTITIONED = `CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (0) TO (10); CREATE TABLE p_high PARTITION OF p FOR VALUES FROM (10) TO (20);
  INSERT INTO p VALUES (1), (11)`;

interface Found {
  readonly partition: number;
  readonly key: string | null;
  readonly text: string;
  readonly type: string;
  readonly id: unknown;
}

let servers: Servers;
serversForFile(skip, (started) => (servers = started));

async function ordered(t: TestContext, options: MillraceOptions = {}, partitions = 1): Promise<{ feed: Feed; capture: OrderedCapture }> {
  const feed = await servers.feed(t, { schema: `${SCHEMA}; ${PARTITIONED}`, partitions });
  const capture = new OrderedCapture(t, {
    CHANGEFEED: feed.name,
    SOURCE_URL: servers.database.url(feed.name),
    TABLES: '*.*',
    SYNC_MODE: 'INCREMENTAL',
    BOOTSTRAP_SERVERS: servers.broker.bootstrapServers,
    TOPIC: feed.name,
    CHECKPOINT_INTERVAL: '40ms',
    BOOTSTRAP_TYPES: 'true',
    ...options,
  });
  await capture.start();
  return { feed, capture };
}

async function found(feed: Feed): Promise<Found[]> {
  return (await feed.records()).map(({ partition, key, value }) => {
    const text = value!.toString();
    const { type, data } = JSON.parse(text) as { type: string; data: Record<string, unknown> };
    return { partition, key: key?.toString() ?? null, text, type, id: data['id'] };
  });
}

const typesOf = (messages: readonly Found[]) => [...new Set(messages.map(({ type }) => type))];
const idsOf = (messages: readonly Found[]) => new Set(messages.filter(({ type }) => type === 'bootstrap-insert').map(({ id }) => id));

describe('a table that is read again with the types of a bootstrap', { skip }, () => {
  test('has its rows between two marks, all with the comment of the order, none with a place in the log', async (t) => {
    const { feed, capture } = await ordered(t, { OUTPUT_BINLOG_POSITION: 'true', OUTPUT_XOFFSET: 'true' });
    capture.read('public.t', 'id <= 100', 'audit', 'for the "audit"');
    assert.equal((await capture.until('audit', 'done')).rows, 100);
    await feed.query('UPDATE t SET v = 1 WHERE id = 1');
    await feed.untilCount(103);
    await capture.stop();
    const messages = await found(feed);
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['bootstrap-start', ...Array.from({ length: 100 }, () => 'bootstrap-insert'), 'bootstrap-complete', 'update'],
    );
    const [start, row] = messages;
    const head = (type: string) =>
      `^\\{"database":"${feed.name}","table":"t","type":"${type}","ts":\\d{10},"comment":"for the \\\\"audit\\\\""`;
    assert.match(start!.text, new RegExp(`${head('bootstrap-start')},"data":\\{\\}\\}$`));
    assert.match(row!.text, new RegExp(`${head('bootstrap-insert')},"primary_key":\\[1\\],"data":\\{"id":1,"v":0,"pad":"x+"\\}\\}$`));
    assert.match(messages[101]!.text, new RegExp(`${head('bootstrap-complete')},"data":\\{\\}\\}$`));
    assert.match(messages[102]!.text, /"position":/);
    const key = `{"database":"${feed.name}","table":"t"}`;
    assert.deepEqual([start!.key, messages[101]!.key], [key, key]);
  });

  test('says nothing of the comment of the read before it', async (t) => {
    const { feed, capture } = await ordered(t);
    for (const comment of ['first', null, 'third']) {
      capture.read('public.t', 'id <= 2', `read ${comment}`, comment);
      await capture.until(`read ${comment}`, 'done');
    }
    await capture.stop();
    assert.deepEqual(
      (await found(feed)).map(({ text }) => /"comment":"(\w+)"/.exec(text)?.[1] ?? null),
      ['first', 'first', 'first', 'first', null, null, null, null, 'third', 'third', 'third', 'third'],
    );
  });

  test('has the marks in partition 0, around the rows that lie there', async (t) => {
    const { feed, capture } = await ordered(t, { WORKERS: '3', SNAPSHOT_UNIT: '64kB' }, 4);
    capture.read('public.t');
    await capture.until('order public.t', 'done');
    await capture.stop();
    const messages = await found(feed);
    const [marked, ...others] = [0, 1, 2, 3].map((partition) => messages.filter((message) => message.partition === partition));
    assert.deepEqual([marked!.at(0)!.type, marked!.at(-1)!.type], ['bootstrap-start', 'bootstrap-complete']);
    assert.deepEqual(typesOf(marked!.slice(1, -1)), ['bootstrap-insert']);
    for (const rows of others) assert.deepEqual(typesOf(rows), ['bootstrap-insert']);
    assert.equal(idsOf(messages).size, ROWS);
  });

  test('that is killed again and again has one end, behind all of its rows', async (t) => {
    const { feed, capture } = await ordered(t, { SNAPSHOT_UNIT: '64kB' });
    capture.read('public.t');
    for (const chunks of [1, 2, 4]) {
      await capture.untilRecorded(chunks);
      await capture.kill();
      await capture.start();
    }
    await capture.until('order public.t', 'done');
    await capture.stop();
    const messages = await found(feed);
    assert.deepEqual([messages.at(0)!.type, messages.at(-1)!.type], ['bootstrap-start', 'bootstrap-complete']);
    assert.equal(messages.filter(({ type }) => type === 'bootstrap-complete').length, 1);
    assert.equal(idsOf(messages.slice(0, -1)).size, ROWS);
  });

  test('that is killed behind its last row gets its end from the next process', async (t) => {
    const { feed, capture } = await ordered(t);
    const ROUNDS = 4;
    for (let round = 0; round < ROUNDS; round++) {
      const id = `round ${round}`;
      capture.read('public.t', 'id <= 3', id, id);
      const isBefore = await capture.untilAllRows(id);
      await capture.kill();
      t.diagnostic(`killed ${isBefore ? 'before' : 'after'} the end of ${id}`);
      await capture.start();
      await capture.until(id, 'done');
    }
    await capture.stop();
    const messages = await found(feed);
    for (let round = 0; round < ROUNDS; round++) {
      const own = messages.filter(({ text }) => text.includes(`"comment":"round ${round}"`));
      assert.deepEqual(typesOf(own), ['bootstrap-start', 'bootstrap-insert', 'bootstrap-complete'], JSON.stringify(own));
      assert.equal(own.filter(({ type }) => type === 'bootstrap-insert').length, 3, 'rows that are recorded do not come again');
    }
  });

  test('that is cancelled or fails has no end, and the next one has', async (t) => {
    const { feed, capture } = await ordered(t);
    const client = await servers.database.client(feed.name);
    t.after(() => client.end());
    // A writer that is not over keeps the rows from being read.
    await client.query('BEGIN; UPDATE t SET v = 0 WHERE id = 1');
    capture.read('public.t', null, 'left');
    await feed.untilCount(1);
    capture.cancel('left');
    await capture.until('left', 'cancelled');
    await client.query('ROLLBACK');
    capture.read('public.t', 'nonsense', 'failed');
    await capture.until('failed', 'failed');
    capture.read('public.t', 'id = 7', 'whole');
    await capture.until('whole', 'done');
    await capture.stop();
    assert.deepEqual(
      (await found(feed)).map(({ type }) => type),
      ['bootstrap-start', 'bootstrap-start', 'bootstrap-insert', 'bootstrap-complete'],
    );
  });

  test('is only one that was ordered: what is there at the start, and what joins, are plain inserts', async (t) => {
    const { feed, capture } = await ordered(t, { SYNC_MODE: 'FULL + INCREMENTAL' });
    await capture.untilSaid('the snapshot is finished');
    await feed.query('CREATE TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (1)');
    await feed.untilCount(ROWS + 3);
    await capture.stop();
    assert.deepEqual(typesOf(await found(feed)), ['insert']);
  });

  test('has a mark for each partition that goes out under its own name', async (t) => {
    const { feed, capture } = await ordered(t, { PARTITION_ROOT: 'false' });
    capture.read('public.p');
    await capture.until('order public.p', 'done');
    await capture.stop();
    const told = (await found(feed)).map(({ type, text, id }) => `${type} ${/"table":"(\w+)"/.exec(text)![1]} ${String(id)}`);
    assert.deepEqual(told.slice(0, 2).toSorted(), ['bootstrap-start p_high undefined', 'bootstrap-start p_low undefined']);
    assert.deepEqual(told.slice(2, 4).toSorted(), ['bootstrap-insert p_high 11', 'bootstrap-insert p_low 1']);
    assert.deepEqual(told.slice(4).toSorted(), ['bootstrap-complete p_high undefined', 'bootstrap-complete p_low undefined']);
  });
});
