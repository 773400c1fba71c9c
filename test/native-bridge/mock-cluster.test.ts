import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { flush, MockCluster, produce } from '../../native-bridge/index.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer } from './fixture.ts';

const FLUSH_MS = 20_000;

test('a cluster has its brokers, its topics, and its end', { skip: skipUnless('kcat') }, (t) => {
  const cluster = new MockCluster(3);
  t.after(() => cluster.close());
  cluster.createTopic('a', 2, 3);
  cluster.createTopic('b', 1, 1);
  assert.match(cluster.bootstrapServers, /^127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127\.0\.0\.1:\d+$/);
  const listed = spawnSync('kcat', ['-L', '-b', cluster.bootstrapServers], { encoding: 'utf8' }).stdout;
  assert.match(listed, /3 brokers:/);
  assert.match(listed, /topic "a" with 2 partitions:/);
  assert.match(listed, /topic "b" with 1 partitions:/);
  assert.throws(() => cluster.createTopic('a', 2, 3), { code: 'MOCK_CLUSTER_FAILED', message: /createTopic/ });
  assert.throws(() => cluster.setLeader('a', 7, 1), { code: 'MOCK_CLUSTER_FAILED', message: /setLeader/ });
  assert.throws(() => new MockCluster(0), { code: 'MOCK_CLUSTER_FAILED' });
  cluster.close();
  cluster.close();
  assert.throws(() => cluster.createTopic('c', 1, 1), { code: 'MOCK_CLUSTER_FAILED', message: /closed/ });
});

test('two clusters live side by side', (t) => {
  const one = startCluster(t);
  one.close();
  const two = startCluster(t);
  const three = startCluster(t);
  assert.notEqual(two.bootstrapServers, three.bootstrapServers);
  // A second close of the first is no close of another.
  one.close();
  for (const cluster of [two, three]) cluster.createTopic('more', 1, 1);
});

test('a partition moves to another broker, and messages follow it', async (t) => {
  const cluster = new MockCluster(2);
  t.after(() => cluster.close());
  cluster.createTopic('t', 1, 2);
  cluster.setLeader('t', 0, 1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  cluster.setLeader('t', 0, 2);
  cluster.setBrokerDown(1);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  await until(() => table.totals.delivered === 2, { what: 'the delivery by the other broker' });
});

test('a round trip delays the answers', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'enable.idempotence': 'false' });
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  cluster.setRoundTrip(1, 400);
  const start = performance.now();
  assert.equal(produce(lane.id, handle, 0, lane.fill([{}]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.ok(performance.now() - start >= 390);
  assert.equal(table.totals.delivered, 2);
});
