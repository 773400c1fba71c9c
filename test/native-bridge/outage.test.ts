import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { flush, produce } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, type TestProducer } from './fixture.ts';

const FLUSH_MS = 60_000;
const PARTITIONS = 2;
const BATCH = 200;
const PRODUCE = 0;
const NOT_LEADER_FOR_PARTITION = 6;
const REQUEST_TIMED_OUT = 7;
/** librdkafka's own code: the mock broker closes the connection in place of an answer. */
const TRANSPORT = -195;

/** Produces rows [from, from + BATCH), alternating runs, and waits for room where need be. */
async function produceRows({ lane, handle }: TestProducer, from: number): Promise<void> {
  const rows = Array.from({ length: BATCH }, (_, index) => from + index);
  const grouped = rows.toSorted((a, b) => (a % PARTITIONS) - (b % PARTITIONS) || a - b);
  const count = lane.fill(grouped.map((row) => ({ value: String(row), partition: row % PARTITIONS, epoch: row % 10 })));
  for (let accepted = 0; accepted < count;) {
    accepted += produce(lane.id, handle, accepted, count - accepted, 50);
    await setImmediate();
  }
}

test(
  'brokers that go and come back, and answers that are lost, leave every message once and in order',
  { skip: skipUnless('kcat') },
  async (t) => {
    const cluster = startCluster(t, PARTITIONS);
    const producer = startProducer(
      t,
      cluster.bootstrapServers,
      { 'reconnect.backoff.ms': '10', 'reconnect.backoff.max.ms': '50' },
      PARTITIONS,
    );
    const { handle, table } = producer;
    let row = 0;
    const more = async () => {
      await produceRows(producer, row);
      row += BATCH;
    };
    await more();
    await until(() => table.totals.delivered > 0, { what: 'the first messages' });
    for (let round = 0; round < 4; round++) {
      await more();
      cluster.setBrokerDown(1);
      await more();
      const stuck = table.totals.delivered;
      assert.ok(stuck < row);
      cluster.setBrokerUp(1);
      await more();
      await until(() => table.totals.delivered > stuck, { what: 'deliveries after the broker came back' });
      cluster.pushRequestErrors(PRODUCE, [NOT_LEADER_FOR_PARTITION, TRANSPORT, REQUEST_TIMED_OUT, TRANSPORT]);
      await more();
    }
    assert.equal(await flush(handle, FLUSH_MS), true);
    assert.deepEqual(table.totals, { delivered: row, failed: 0, purged: 0, inFlight: 0 });
    for (let epoch = 0; epoch < 10; epoch++) assert.deepEqual([table.outstanding(epoch), table.poisoned(epoch)], [0, false]);

    const records = await consume({ bootstrapServers: cluster.bootstrapServers, topic: 't' });
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const read = records.filter((record) => record.partition === partition).map((record) => Number(String(record.value)));
      assert.deepEqual(
        read,
        Array.from({ length: row / PARTITIONS }, (_, index) => index * PARTITIONS + partition),
      );
      assert.equal(table.target(partition).offset, read.length);
    }
  },
);

test('one partition without a leader stalls itself only', async (t) => {
  const cluster = startCluster(t, 3);
  cluster.setLeader('t', 1, -1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'topic.metadata.refresh.interval.ms': '100' }, 3);
  const count = lane.fill([0, 1, 2].map((partition) => ({ partition, epoch: partition })));
  assert.equal(produce(lane.id, handle, 0, count, 0), count);
  await until(() => table.totals.delivered === 2, { what: 'the messages of the other partitions' });
  assert.deepEqual(
    [0, 1, 2].map((epoch) => table.outstanding(epoch)),
    [0, 1, 0],
  );
  cluster.setLeader('t', 1, 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.equal(table.totals.delivered, 3);
});
