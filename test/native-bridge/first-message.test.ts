import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flush, monotonicNanos, produce } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { setAcknowledged } from '../support/first-messages.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, type TestProducer } from './fixture.ts';

const FLUSH_MS = 60_000;
const PRODUCE = 0;
const NOT_LEADER_FOR_PARTITION = 6;
/** Longer than any of these tests needs between two calls. */
const ROUND_TRIP_MS = 300;

const NO_LINGER = { 'linger.ms': '0' };

/** Offers messages [0, count) one by one, as a trickle does, until each was taken. */
async function offerEach({ lane, handle }: TestProducer, count: number): Promise<void> {
  for (let accepted = 0; accepted < count;) {
    accepted += await until(() => produce(lane.id, handle, accepted, 1, 0), { everyMs: 5, what: `message ${accepted} to be taken` });
  }
}

/** Delivers one message: what comes next finds a connection, and is no longer gathered while there is none. */
async function connect({ lane, handle }: TestProducer, partition: number): Promise<void> {
  produce(lane.id, handle, 0, lane.fill([{ partition }]), FLUSH_MS);
  assert.equal(await flush(handle, FLUSH_MS), true);
}

test('a partition that refuses the first request and takes the next ones loses no message', { skip: skipUnless('kcat') }, async (t) => {
  const cluster = startCluster(t, 2);
  const producer = startProducer(t, cluster.bootstrapServers, NO_LINGER, 2);
  const { handle, table, lane } = producer;
  await connect(producer, 1);
  setAcknowledged(table.words, 0, 0);
  cluster.setRoundTrip(1, ROUND_TRIP_MS);
  // As a broker that becomes the partition's leader a moment later; like any broker it takes every first sequence number.
  cluster.pushRequestErrors(PRODUCE, [NOT_LEADER_FOR_PARTITION]);
  const rows = ['a', 'b', 'c', 'd'];
  await offerEach(producer, lane.fill(rows.map((value) => ({ value }))));
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.equal(table.target(0).count, rows.length);
  const records = await consume({ bootstrapServers: cluster.bootstrapServers, topic: 't' });
  assert.deepEqual(
    records.filter(({ partition }) => partition === 0).map(({ value }) => String(value)),
    rows,
  );
});

test('one message goes alone until it is acknowledged, each partition for itself', async (t) => {
  const cluster = startCluster(t, 2);
  const producer = startProducer(t, cluster.bootstrapServers, NO_LINGER, 2);
  const { handle, table, lane } = producer;
  await connect(producer, 0);
  setAcknowledged(table.words, 1, 0);
  cluster.setRoundTrip(1, ROUND_TRIP_MS);
  const count = lane.fill([{}, {}, {}, { partition: 1 }, { partition: 1 }, { partition: 1 }]);
  assert.equal(produce(lane.id, handle, 0, count, 0), 4);
  assert.equal(produce(lane.id, handle, 4, 2, 0), 0);
  // Waits for the acknowledgement, not for all of its time.
  assert.equal(produce(lane.id, handle, 4, 2, FLUSH_MS), 2);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual([table.target(0).count, table.target(1).count], [4, 3]);
});

test('after a minute of rest a partition is asked by one message again', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, NO_LINGER);
  const second = Number(monotonicNanos() / 1_000_000_000n) + 1;
  const count = lane.fill([{}, {}, {}]);
  setAcknowledged(table.words, 0, second - 30);
  assert.equal(produce(lane.id, handle, 0, count, 0), count);
  assert.equal(await flush(handle, FLUSH_MS), true);
  setAcknowledged(table.words, 0, second - 60);
  cluster.setRoundTrip(1, ROUND_TRIP_MS);
  assert.equal(produce(lane.id, handle, 0, count, 0), 1);
  assert.equal(produce(lane.id, handle, 1, 2, 0), 0, 'what is under way does not make it known');
  assert.equal(produce(lane.id, handle, 1, 2, FLUSH_MS), 2);
});
