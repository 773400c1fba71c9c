import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterBrokers, clusterOperations, createTopic, describeTopic, inspectTopic, topicMetadata } from '../../native-bridge/admin.ts';
import { addTopic, flush, produce } from '../../native-bridge/index.ts';
import { startKafka } from '../support/kafka.ts';
import { skipUnless } from '../support/skip.ts';
import { startCluster, startProducer, TOPIC_BYTES } from './fixture.ts';

const TIMEOUT_MS = 20_000;

test('a topic is created, described and found in a real cluster', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await startKafka();
  t.after(() => kafka.stop());
  const { handle } = startProducer(t, kafka.bootstrapServers);
  await createTopic(handle, 'made', 3, 1, TIMEOUT_MS);
  await createTopic(handle, 'made', 3, 1, TIMEOUT_MS);
  const found = await topicMetadata(handle, 'made', TIMEOUT_MS);
  assert.deepEqual([found.error, found.partitions], [0, 3]);
  assert.ok(found.clusterId !== null && found.clusterId !== '');
  assert.equal((await describeTopic(handle, 'made', TIMEOUT_MS))?.['max.message.bytes'], String(TOPIC_BYTES));
  const missing = await topicMetadata(handle, 'missing', TIMEOUT_MS);
  assert.deepEqual([missing.error, missing.errorName, missing.partitions], [3, 'UNKNOWN_TOPIC_OR_PART', 0]);
  assert.deepEqual([(await topicMetadata(handle, 'missing', TIMEOUT_MS)).partitions], [0], 'to ask does not create');
  await assert.rejects(createTopic(handle, 'bad/name', 1, 1, TIMEOUT_MS), { code: 'KAFKA_TOPIC_CREATE', message: /bad\/name/ });

  assert.deepEqual(await clusterBrokers(handle, TIMEOUT_MS), [{ id: 1, host: '127.0.0.1', port: kafka.port }]);
  const { operations, ...layout } = (await inspectTopic(handle, 'made', TIMEOUT_MS))!;
  assert.deepEqual(layout, { replicas: 1, inSync: 1, leaderless: 0 });
  for (const operation of ['Write', 'Describe', 'DescribeConfigs']) assert.ok(operations?.includes(operation), String(operations));
  assert.equal(await inspectTopic(handle, 'missing', TIMEOUT_MS), null);
  const allowed = await clusterOperations(handle, TIMEOUT_MS);
  for (const operation of ['Create', 'IdempotentWrite']) assert.ok(allowed?.includes(operation), String(allowed));
});

test('a topic that was asked about before it was added is counted where it belongs', async (t) => {
  const cluster = startCluster(t);
  cluster.createTopic('later', 2, 1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers);
  assert.equal((await topicMetadata(handle, 'later', TIMEOUT_MS)).partitions, 2);
  const later = addTopic(handle, 'later', 2, 10, TOPIC_BYTES);
  const count = lane.fill([{ topic: later, partition: 1 }, { topic: 0 }, { topic: later, partition: 0 }]);
  assert.equal(produce(lane.id, handle, 0, count, 0), count);
  assert.equal(await flush(handle, TIMEOUT_MS), true);
  assert.deepEqual(
    [0, 10, 11].map((slot) => table.target(slot).count),
    [1, 1, 1],
  );
});

test('without a broker every question ends in a named error', async (t) => {
  const { handle } = startProducer(t, '127.0.0.1:1', { 'socket.connection.setup.timeout.ms': '1000' });
  await assert.rejects(topicMetadata(handle, 't', 300), { code: 'KAFKA_UNREACHABLE' });
  await assert.rejects(createTopic(handle, 'made', 1, 1, 300), { code: 'KAFKA_UNREACHABLE' });
  await assert.rejects(clusterBrokers(handle, 300), { code: 'KAFKA_UNREACHABLE' });
  assert.equal(await inspectTopic(handle, 't', 300), null);
  assert.equal(await clusterOperations(handle, 300), null);
});
