import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ringFailure } from '../../../engine/ring/failure.ts';
import { RingState } from '../../../engine/ring/layout.ts';
import { consume } from '../../support/consume.ts';
import { skipUnless } from '../../support/skip.ts';
import { until, within } from '../../support/wait.ts';
import { seeded } from '../ring/rings.ts';
import { type Works, numberedTable, publish, withWorks, writeRow, writeSchema } from './workers.ts';

const DEADLINE_MS = 60_000;
const TABLES = 5;
const PARTITIONS = 8;
const ROWS = 20_000;

interface Message {
  readonly table: string;
  readonly data: { readonly id: number; readonly text: string };
}

/** The ids in each partition of a topic, as an independent consumer reads them. */
async function idsByPartition({ cluster }: Works, topic: string, partitions: number): Promise<number[][]> {
  const ids: number[][] = Array.from({ length: partitions }, () => []);
  for (const record of await consume({ bootstrapServers: cluster.bootstrapServers, topic })) {
    const { table, data } = JSON.parse(record.value!.toString()) as Message;
    assert.equal(record.key!.toString(), `{"id":${data.id}}`);
    assert.equal(table, `t${1 + (data.id % TABLES)}`);
    ids[record.partition]!.push(data.id);
  }
  return ids;
}

for (const workers of [1, 3]) {
  test(
    `with ${workers} worker(s) every partition holds its rows in order, while one of ${PARTITIONS} stalls the others go on`,
    { skip: skipUnless('kcat') },
    async (context) => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      context.diagnostic(`seed ${seed}`);
      const random = seeded(seed);
      await withWorks({ partitions: [PARTITIONS], workers }, async (works) => {
        const { cluster, delivery, pool } = works;
        const stalled = Math.floor(random() * PARTITIONS);
        // Its leader is away. (Without any leader librdkafka's mock broker crashes when asked to produce.)
        cluster.setLeader('topic0', stalled, 2);
        cluster.setBrokerDown(2);
        for (const ring of pool.rings) for (let id = 1; id <= TABLES; id++) await writeSchema(ring, numberedTable(id));
        const expected: number[][] = Array.from({ length: PARTITIONS }, () => []);
        for (let id = 0; id < ROWS; id++) {
          const partition = Math.floor(random() * PARTITIONS);
          expected[partition]!.push(id);
          const ring = pool.rings[partition % workers]!;
          const text = 'x'.repeat(Math.floor(random() * 200));
          const row = { operation: 'insert', key: `{"id":${id}}`, new: [String(id), text], schemaId: 1 + (id % TABLES) } as const;
          await writeRow(ring, row, { topic: 0, partition, target: partition, rowInEpoch: id });
          if (random() < 0.02) publish(ring);
        }
        pool.rings.forEach(publish);
        await until(() => expected.every((ids, p) => p === stalled || delivery.target(p).messages === ids.length), {
          what: 'the partitions that do not stall',
          deadlineMs: DEADLINE_MS,
        });
        assert.equal(delivery.target(stalled).messages, 0);
        assert.ok(delivery.target(stalled).inFlight > 0);
        cluster.setBrokerUp(2);
        await within(pool.end(), DEADLINE_MS, 'the workers to end');
        await until(() => delivery.counters.delivered === ROWS, { what: () => JSON.stringify(delivery.counters), deadlineMs: DEADLINE_MS });
        assert.deepEqual(await idsByPartition(works, 'topic0', PARTITIONS), expected);
        const counters = pool.counters();
        assert.equal(
          counters.reduce((sum, one) => sum + one.rows, 0),
          ROWS,
        );
        assert.ok(counters.every((one) => one.rows > 0 && one.valueBytes > one.rows && one.batches > 0));
      });
    },
  );
}

test('a full producer queue holds the ring, and what it refused follows in order and once', { skip: skipUnless('kcat') }, async () => {
  const config = { 'queue.buffering.max.messages': '500' };
  await withWorks({ partitions: [3], workers: 1, config }, async (works) => {
    const { cluster, delivery, pool } = works;
    const ring = pool.rings[0]!;
    cluster.setBrokerDown(1);
    await writeSchema(ring, numberedTable(1));
    const expected: number[][] = [[], [], []];
    const writing = (async () => {
      for (let id = 0; id < 3000; id++) {
        const partition = id % 3;
        expected[partition]!.push(id);
        const row = { operation: 'insert', key: `{"id":${id}}`, new: [String(id), 'y'.repeat(50)], schemaId: 1 } as const;
        await writeRow(ring, { ...row, schemaId: 1 }, { topic: 0, partition, target: partition, rowInEpoch: id });
      }
      publish(ring);
    })();
    await until(() => pool.counters()[0]!.queueFull > 0 && ring.used > 0.7 * ring.capacity, {
      what: 'the queue to be full',
      deadlineMs: DEADLINE_MS,
    });
    assert.equal(delivery.counters.delivered, 0);
    cluster.setBrokerUp(1);
    await within(writing, DEADLINE_MS, 'the rows to be written');
    await within(pool.end(), DEADLINE_MS, 'the worker to end');
    await until(() => delivery.counters.delivered === 3000, { what: () => JSON.stringify(delivery.counters), deadlineMs: DEADLINE_MS });
    const records = await consume({ bootstrapServers: cluster.bootstrapServers, topic: 'topic0' });
    const ids = [0, 1, 2].map((partition) =>
      records.filter((record) => record.partition === partition).map((record) => (JSON.parse(record.value!.toString()) as Message).data.id),
    );
    assert.deepEqual(ids, expected);
  });
});

test('rows larger than the ring and the slab keep their place among small ones', { skip: skipUnless('kcat') }, async () => {
  const config = { 'message.max.bytes': '10000000' };
  await withWorks({ partitions: [1], workers: 1, config, maxMessageBytes: 10_000_000 }, async (works) => {
    const { cluster, delivery, pool } = works;
    const ring = pool.rings[0]!;
    // Its record is larger than a quarter of the ring too.
    const wide = { ...numberedTable(1), database: 'd'.repeat(20_000) };
    await writeSchema(ring, wide);
    const lengths = [10, 30_000, 10, 100_000, 2_000_000, 10, 900_000, 900_000, 60_000, 10];
    for (const [id, length] of lengths.entries()) {
      const row = { operation: 'insert', key: `{"id":${id}}`, new: [String(id), String.fromCharCode(97 + id).repeat(length)] } as const;
      await writeRow(ring, row, { topic: 0, partition: 0, target: 0, rowInEpoch: id });
    }
    publish(ring);
    await within(pool.end(), DEADLINE_MS, 'the worker to end');
    await until(() => delivery.counters.delivered === lengths.length, { what: 'the reports', deadlineMs: DEADLINE_MS });
    const messages = (await consume({ bootstrapServers: cluster.bootstrapServers, topic: 'topic0' })).map(
      (record) => (JSON.parse(record.value!.toString()) as Message).data,
    );
    assert.deepEqual(
      messages.map((data) => [data.id, data.text.length, data.text[0]]),
      lengths.map((length, id) => [id, length, String.fromCharCode(97 + id)]),
    );
    assert.equal(pool.side.used, 0);
  });
});

test("a message over its topic's limit ends the worker with table, key and position, and is not produced", async () => {
  await withWorks({ partitions: [1], workers: 1 }, async ({ delivery, pool }) => {
    const ring = pool.rings[0]!;
    await writeSchema(ring, numberedTable(1));
    for (const [id, length] of [10, 5000].entries()) {
      const row = { operation: 'insert', key: `{"id":${id}}`, new: [String(id), 'z'.repeat(length)] } as const;
      await writeRow(ring, row, { topic: 0, partition: 0, target: 0, rowInEpoch: id, sizeLimit: 1000 });
    }
    publish(ring);
    await assert.rejects(within(pool.failed, DEADLINE_MS, 'the failure'), {
      code: 'MESSAGE_TOO_LARGE',
      message: /row with key \{"id":1\} of table public\.t1 at 0\/0 takes \d+ bytes, and .*max\.message\.bytes, .* allows 1000/,
    });
    assert.equal(ring.state, RingState.failed);
    assert.equal(ringFailure(ring.memory)!.details['limit'], 1000);
    assert.equal(delivery.target(0).messages + delivery.target(0).inFlight, 0);
    await assert.rejects(pool.end(), { code: 'MESSAGE_TOO_LARGE' });
  });
});

test('stopping while the broker is away and the queue full does not hang', async () => {
  const config = { 'queue.buffering.max.messages': '10' };
  await withWorks({ partitions: [1], workers: 3, config }, async ({ cluster, pool }) => {
    cluster.setBrokerDown(1);
    const ring = pool.rings[0]!;
    await writeSchema(ring, numberedTable(1));
    const writing = (async () => {
      for (let id = 0; ; id++) {
        await writeRow(
          ring,
          { operation: 'insert', key: `{"id":${id}}`, new: [String(id), 'w'.repeat(100)] },
          { topic: 0, partition: 0, target: 0 },
        );
      }
    })();
    await until(() => ring.used > 0.7 * ring.capacity, { what: 'the ring to fill', deadlineMs: DEADLINE_MS });
    const stopped = assert.rejects(writing, { code: 'STOPPED' });
    await within(pool.terminate(), DEADLINE_MS, 'the workers to stop');
    await within(stopped, DEADLINE_MS, 'the writer to be told');
  });
});
