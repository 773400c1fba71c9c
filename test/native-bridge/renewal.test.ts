import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { addTopic, flush, produce, renewProducer } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, TOPIC_BYTES, type TestProducer } from './fixture.ts';

const RENEW_MS = 30_000;
const FLUSH_MS = 60_000;
const PARTITIONS = 2;

async function produceOne({ lane, handle }: TestProducer, row: number): Promise<void> {
  const count = lane.fill([{ value: String(row), partition: row % PARTITIONS, epoch: row % 10 }]);
  while (produce(lane.id, handle, 0, count, 50) === 0) await setImmediate();
  await setImmediate();
}

test('new clients in the place of the old one leave every message once and in order', { skip: skipUnless('kcat') }, async (t) => {
  const { bootstrapServers } = startCluster(t, PARTITIONS);
  const config = { 'bootstrap.servers': bootstrapServers, 'enable.idempotence': 'true' };
  const producer = startProducer(t, bootstrapServers, config, PARTITIONS);
  let row = 0;
  for (let round = 0; round < 5; round++) {
    const over = new AbortController();
    const renewed = renewProducer(producer.handle, { ...config, 'client.id': `round-${round}` }, null, RENEW_MS);
    const ended = renewed.finally(() => over.abort());
    for (const from = row; !over.signal.aborted || row < from + 200; row++) await produceOne(producer, row);
    await ended;
  }
  assert.equal(await flush(producer.handle, FLUSH_MS), true);
  assert.deepEqual(producer.table.totals, { delivered: row, failed: 0, purged: 0, inFlight: 0 });
  for (let epoch = 0; epoch < 10; epoch++) assert.equal(producer.table.outstanding(epoch), 0);
  const records = await consume({ bootstrapServers, topic: 't' });
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const read = records.filter((record) => record.partition === partition).map((record) => Number(String(record.value)));
    const sent = Array.from({ length: row }, (_, index) => index).filter((index) => index % PARTITIONS === partition);
    assert.deepEqual(read, sent);
  }
});

test('a topic can be added to the client that came', async (t) => {
  const cluster = startCluster(t, 1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, {}, 1);
  await renewProducer(handle, { 'bootstrap.servers': cluster.bootstrapServers }, null, RENEW_MS);
  cluster.createTopic('u', 1, 1);
  assert.equal(addTopic(handle, 'u', 1, 1, TOPIC_BYTES), 1);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ topic: 0 }, { topic: 1 }]), 0), 2);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual([table.target(0).count, table.target(1).count], [1, 1]);
});

test('what cannot be used leaves the client as it was', async (t) => {
  const cluster = startCluster(t, 1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, {}, 1);
  const servers = { 'bootstrap.servers': cluster.bootstrapServers };
  const cases = [
    [{ ...servers, 'ssl.ca.location': '/nowhere', 'security.protocol': 'ssl' }, 'KAFKA_CONFIG_INVALID', RENEW_MS],
    [{ ...servers, 'message.timeout.ms': '1' }, 'KAFKA_CONFIG_INVALID', RENEW_MS],
    [{ 'bootstrap.servers': '127.0.0.1:1' }, 'KAFKA_UNREACHABLE', 100],
  ] as const;
  for (const [config, code, ms] of cases) await assert.rejects(renewProducer(handle, config, null, ms), { code });
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.equal(table.totals.delivered, 1);
});

test('what the old client cannot deliver in time stays with it, and is delivered by it later', async (t) => {
  const cluster = startCluster(t, 2);
  cluster.setLeader('t', 1, -1);
  const fast = { 'topic.metadata.refresh.interval.ms': '100' };
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, fast, 2);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ partition: 0 }, { partition: 1 }]), 0), 2);
  const servers = { 'bootstrap.servers': cluster.bootstrapServers };
  await assert.rejects(renewProducer(handle, servers, null, 2000), { code: 'KAFKA_RENEWAL_STUCK' });
  assert.equal(table.totals.inFlight, 1);
  cluster.setLeader('t', 1, 1);
  await until(() => table.totals.delivered === 2, { what: 'the message that was stuck' });
  await renewProducer(handle, servers, null, RENEW_MS);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ partition: 1 }]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual(table.totals, { delivered: 3, failed: 0, purged: 0, inFlight: 0 });
});
