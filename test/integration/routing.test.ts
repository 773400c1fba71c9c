import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MockCluster } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { HashKind, hashPartition } from '../../engine/dispatch/partition.ts';
import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { serversForFile, type Feed, type Servers } from './servers.ts';
import { NEEDS, toldError, type Message } from './stage.ts';

const SKIP = skipUnless(...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

/** What a topic holds, once it holds so many messages. */
async function untilIn(topic: string, count: number, feed: Feed): Promise<ConsumedRecord[]> {
  let found = -1;
  const enough = async () => {
    const offsets = await servers.broker.endOffsets(topic).catch(() => []);
    return (found = offsets.reduce((sum, offset) => sum + offset, 0)) >= count;
  };
  await until(enough, { deadlineMs: 30_000, everyMs: 50, what: () => `${count} in ${topic} (${found} are there):\n${feed.engine.tail()}` });
  return await consume({ bootstrapServers: servers.broker.bootstrapServers, topic });
}

const messageOf = (record: ConsumedRecord) => JSON.parse(record.value!.toString()) as Message;
const keyOf = (record: ConsumedRecord) => record.key?.toString() ?? null;

function placeOf(text: string, hash: keyof typeof HashKind, partitions: number): number {
  const bytes = Buffer.from(text);
  return hashPartition(HashKind[hash], bytes, 0, bytes.length, partitions);
}

describe('keys and partitions', { skip: SKIP }, () => {
  const SCHEMA = `CREATE TABLE orders (id int PRIMARY KEY, region text, note text); CREATE TABLE log (line text)`;
  const WRITE = `INSERT INTO orders SELECT n, 'région ' || n % 7, repeat('x', n % 5) FROM generate_series(1, 60) n`;

  test('keys that name their table, rows partitioned by a column, deletes without it by the fallback', async (t) => {
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      options: {
        KAFKA_KEY_FORMAT: 'table_primary_key',
        PRODUCER_PARTITION_BY: 'column',
        PRODUCER_PARTITION_COLUMNS: 'region',
        PRODUCER_PARTITION_BY_FALLBACK: 'primary_key',
        KAFKA_PARTITION_HASH: 'murmur3',
      },
    });
    await feed.engine.start();
    assert.doesNotMatch(feed.engine.log(), /tables share topic/);
    assert.match(feed.engine.log(), /MILLRACE_PARTITION_BY is column/);
    await feed.query(`${WRITE}; DELETE FROM orders WHERE id <= 20; INSERT INTO log VALUES ('a')`);
    for (const record of await untilIn(feed.name, 81, feed)) {
      const { table, type, data } = messageOf(record);
      const [id, region] = [String(data['id']), String(data['region'])];
      if (table === 'log') {
        assert.equal(keyOf(record), null);
        assert.equal(record.partition, placeOf(`${feed.name}log`, 'murmur3', 4));
        continue;
      }
      assert.equal(keyOf(record), `{"database":"${feed.name}","table":"orders","pk.id":${id}}`);
      assert.equal(record.partition, placeOf(type === 'delete' ? id : region, 'murmur3', 4), `${type} ${id}`);
    }
    await toldError(feed.engine, 'public.orders is partitioned by region, which its key does not hold');
    await toldError(feed.engine, 'public.log has none of the partition columns (region): primary_key decides');
  });

  test('a transaction in one partition; random and round robin put a row that is sent again where it was', async (t) => {
    const feed = await servers.feed(t, { schema: SCHEMA, options: { PARTITION_BY: 'transaction_id', PARTITION_HASH: 'default' } });
    await feed.engine.start();
    for (const ids of ['1, 20', '21, 40']) await feed.query(`INSERT INTO orders SELECT generate_series(${ids})`);
    for (const record of await untilIn(feed.name, 40, feed)) {
      assert.equal(record.partition, placeOf(String(messageOf(record).xid), 'default', 4));
    }
    await feed.engine.stop();
    for (const by of ['random', 'round_robin']) {
      const other = await servers.feed(t, { schema: SCHEMA, options: { PARTITION_BY: by, CHECKPOINT_INTERVAL: '60s' } });
      await other.engine.start();
      // Once a position is stored the next one is far away: what follows is sent again after the kill.
      await other.query('INSERT INTO orders VALUES (0)');
      await until(async () => (await other.engine.metric('millrace_checkpoint_stores_total')) > 0, {
        deadlineMs: 30_000,
        what: () => 'a store',
      });
      await other.query('INSERT INTO orders SELECT generate_series(1, 100)');
      await other.untilCount(101);
      await other.engine.kill9();
      await other.engine.start();
      await other.query('INSERT INTO orders VALUES (101)');
      const placed = new Map<string, Set<number>>();
      const records = await untilIn(other.name, 202, other);
      for (const record of records) placed.set(keyOf(record)!, (placed.get(keyOf(record)!) ?? new Set()).add(record.partition));
      assert.ok(
        [...placed.values()].every((partitions) => partitions.size === 1),
        `${by}: a row lies in two partitions`,
      );
      assert.equal(new Set(records.map(({ partition }) => partition)).size, 4);
    }
  });
});

describe("Kafka's own producer as the judge", { skip: SKIP }, () => {
  test('it puts the keys of our messages where we put them, in every format', async (t) => {
    for (const format of ['primary_key', 'hash', 'array']) {
      const schema = 'CREATE TABLE t (id int, name text, PRIMARY KEY (id, name)); CREATE TABLE plain (id bigint PRIMARY KEY)';
      const feed = await servers.feed(t, { schema, partitions: 12, options: { KEY_FORMAT: format } });
      await feed.engine.start();
      await feed.query(`INSERT INTO t SELECT n, (ARRAY['größe', '日本語', 'a😁b', 'q"\\u', ''])[n % 5 + 1] FROM generate_series(1, 100) n;
        INSERT INTO plain SELECT n * 7919 FROM generate_series(-50, 49) n`);
      const ours = await untilIn(feed.name, 200, feed);
      const judge = `${feed.name}-java`;
      await servers.broker.createTopic(judge, 12);
      const properties = ['parse.key=true', 'key.separator=\t'].flatMap((property) => ['--property', property]);
      const input = ours.map((record) => `${keyOf(record)}\tx\n`).join('');
      await servers.broker.tool('org.apache.kafka.tools.ConsoleProducer', ['--topic', judge, ...properties], input);
      const placed = (records: readonly ConsumedRecord[]) => new Map(records.map((record) => [keyOf(record), record.partition]));
      const theirs = placed(await untilIn(judge, 200, feed));
      assert.equal(theirs.size, 200);
      assert.equal(new Set(theirs.values()).size, 12);
      assert.deepEqual(theirs, placed(ours));
    }
  });
});

describe('topics by template', { skip: SKIP }, () => {
  const SCHEMA = `
    CREATE TABLE orders (id int PRIMARY KEY); CREATE SCHEMA shop; CREATE TABLE shop.items (id int PRIMARY KEY);
    CREATE PUBLICATION everything FOR ALL TABLES`;
  const options = (feed: string) => ({
    TOPIC: `${feed}.%{schema}.%{table}`,
    AUTO_CREATE_TOPIC: 'true',
    PUBLICATION: 'everything',
  });

  test('each table has its topic, one that appears during the run too, and each counts for itself', async (t) => {
    const name = servers.nextName;
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0, options: options(name) });
    await feed.engine.start();
    await feed.query(`INSERT INTO orders SELECT generate_series(1, 30);
      CREATE TABLE late (id int PRIMARY KEY); INSERT INTO late SELECT generate_series(1, 20);
      INSERT INTO shop.items SELECT generate_series(1, 10); INSERT INTO orders SELECT generate_series(31, 40)`);
    for (const [topic, rows, table] of [
      ['public.orders', 40, 'orders'],
      ['public.late', 20, 'late'],
      ['shop.items', 10, 'shop.items'],
    ] as const) {
      const records = await untilIn(`${name}.${topic}`, rows, feed);
      assert.deepEqual([...new Set(records.map((record) => messageOf(record).table))], [table]);
      assert.equal(new Set(records.map(keyOf)).size, rows);
      for (const record of records) assert.equal(record.partition, placeOf(keyOf(record)!, 'murmur2', 3));
    }
    const metrics = await (await fetch(`http://127.0.0.1:${feed.engine.httpPort}/metrics`)).text();
    for (const topic of ['public.orders', 'public.late', 'shop.items']) {
      assert.match(metrics, new RegExp(`topic="${name}\\.${topic}",partition="1"`));
    }
    assert.equal((await feed.engine.stop()).code, 0);

    // What one run has found out holds for the next one: partitions that were added to the topic of a late table stop it.
    await servers.broker.addPartitions(`${name}.public.late`, 4);
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(
      await toldError(feed.engine, '"code":"KAFKA_PARTITION_COUNT"'),
      /public\.late has 4 partitions, the checkpoint was made with 3/,
    );
  });

  test('a topic that is missing or cannot be called so ends the run by name, for a late table as well', async (t) => {
    const name = servers.nextName;
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0, options: { ...options(name), AUTO_CREATE_TOPIC: 'false' } });
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(
      await toldError(feed.engine, '"code":"KAFKA_TOPIC_MISSING"'),
      new RegExp(`topic ${name}\\.public\\.orders does not exist`),
    );
    assert.deepEqual(await feed.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${feed.slot}'`), [], 'before a slot is made');
    for (const topic of ['public.orders', 'shop.items']) await servers.broker.createTopic(`${name}.${topic}`, 2);
    await feed.engine.start();
    await feed.query('INSERT INTO orders VALUES (1)');
    await untilIn(`${name}.public.orders`, 1, feed);
    await feed.query('CREATE TABLE "a$1" (id int); INSERT INTO "a$1" VALUES (1)');
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(await toldError(feed.engine, '"code":"TOPIC_NAME_INVALID"'), /public\.a\$1 .* would go to the topic/);
  });

  test('a topic whose limit lies below the size of batches stops the start by name, and the size that it asks for is enough', async (t) => {
    const name = servers.nextName;
    const feed = await servers.feed(t, {
      schema: SCHEMA,
      partitions: 0,
      options: { ...options(name), COMPRESSION: 'none', LINGER_MS: '50' },
    });
    await servers.broker.createTopic(`${name}.shop.items`, 1, { 'max.message.bytes': '3000' });
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 2);
    const error = await toldError(feed.engine, '"code":"KAFKA_CONFIG_INVALID"');
    const [, topic, bytes] = /topic (\S+) takes at most (\d+) bytes .* Set MILLRACE_BATCH_BYTES to at most that/.exec(error)!;
    assert.equal(topic, `${name}.shop.items`);
    await feed.engine.start({ BATCH_BYTES: bytes! });
    await feed.query('INSERT INTO shop.items SELECT generate_series(1, 1000); INSERT INTO orders VALUES (1)');
    await untilIn(`${name}.shop.items`, 1000, feed);
    await untilIn(`${name}.public.orders`, 1, feed);
    assert.doesNotMatch(feed.engine.log(), /MSG_SIZE_TOO_LARGE|MESSAGE_TOO_LARGE/);
  });

  test('more partitions than a changefeed can have are told by name, at the start and for a late table', async (t) => {
    const name = servers.nextName;
    const cluster = new MockCluster(1);
    t.after(() => cluster.close());
    const many = { ...options(name), BOOTSTRAP_SERVERS: cluster.bootstrapServers, AUTO_CREATE_TOPIC: 'false' };
    const feed = await servers.feed(t, { schema: SCHEMA, partitions: 0, options: many });
    const create = (table: string, partitions: number) => cluster.createTopic(`${name}.${table}`, partitions, 1);
    const pattern = (table: string) => new RegExp(`topic ${name}\\.${table} .* beyond the ${LAYOUT.TARGET_SLOTS} topic-partitions`);
    create('public.orders', LAYOUT.TARGET_SLOTS + 1);
    feed.engine.launch();
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(await toldError(feed.engine, '"code":"TOO_MANY_TARGETS"'), pattern('public\\.orders'));
    assert.deepEqual(await feed.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${feed.slot}'`), [], 'before a slot is made');

    create('shop.items', 1);
    create('shop.late', LAYOUT.TARGET_SLOTS);
    await feed.engine.start({ TABLES: 'shop.*' });
    await feed.query('CREATE TABLE shop.late (id int PRIMARY KEY); INSERT INTO shop.late VALUES (1)');
    assert.equal((await feed.engine.ended(60_000)).code, 1);
    assert.match(await toldError(feed.engine, `topic ${name}.shop.late`), pattern('shop\\.late'));
  });

  test('each kind of change can have its topic, and a message that its topic refuses is told with that topic', async (t) => {
    const name = servers.nextName;
    const feed = await servers.feed(t, {
      schema: 'CREATE TABLE orders (id int PRIMARY KEY, pad text)',
      partitions: 0,
      options: { TOPIC: `${name}-%{type}`, COMPRESSION: 'none' },
    });
    for (const type of ['insert', 'update', 'delete']) await servers.broker.createTopic(`${name}-${type}`, 1);
    await feed.engine.start();
    await feed.query("INSERT INTO orders VALUES (1); UPDATE orders SET pad = 'x'; DELETE FROM orders");
    for (const type of ['insert', 'update', 'delete']) {
      const records = await untilIn(`${name}-${type}`, 1, feed);
      assert.deepEqual(
        records.map((record) => messageOf(record).type),
        [type],
      );
    }
    await servers.broker.alterTopic(`${name}-update`, { 'max.message.bytes': '1000' });
    await feed.query("INSERT INTO orders VALUES (2); UPDATE orders SET pad = repeat(md5('x'), 100) || random() WHERE id = 2");
    const error = await toldError(feed.engine, '"code":"DELIVERY_FAILED"');
    assert.match(error, new RegExp(`${name}-update`));
    assert.match(error, /public\.orders/);
  });
});
