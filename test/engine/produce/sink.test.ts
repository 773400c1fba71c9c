import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { planMemory } from '../../../engine/produce/memory.ts';
import { ANY_TOPIC } from '../../../engine/produce/sink-topics.ts';
import { openSink, type Sink } from '../../../engine/produce/sink.ts';
import { produce, type MockCluster } from '../../../native-bridge/index.ts';
import { readTopic } from '../../../native-bridge/topic-reader.ts';
import { startCluster, TestLane } from '../../native-bridge/fixture.ts';
import { acknowledgeFirst } from '../../support/first-messages.ts';

async function sinkOf(cluster: MockCluster): Promise<Sink> {
  const properties = { 'bootstrap.servers': cluster.bootstrapServers, 'enable.idempotence': 'true' };
  const sink = await openSink({
    ...ANY_TOPIC,
    topic: 't',
    deadLetters: null,
    credentials: { properties, secretFiles: {}, tokenFile: null },
    memory: planMemory(32_000_000, 1, null),
    pauseLimitMs: null,
    stampsPath: null,
    onEvent: () => undefined,
    onThrottled: () => undefined,
  });
  acknowledgeFirst(sink.delivery.words, 1);
  return sink;
}

async function valuesIn(cluster: MockCluster): Promise<(string | null)[]> {
  const values: (string | null)[] = [];
  const config = { 'bootstrap.servers': cluster.bootstrapServers };
  await readTopic({ config, token: null, topic: 't', from: -1, keys: ['k'], mode: 'committed', timeoutMs: 30_000 }, ({ value }) =>
    values.push(value),
  );
  return values;
}

/** A sink with a message that waits for its broker. */
async function waiting(t: TestContext): Promise<{ cluster: MockCluster; sink: Sink; lane: TestLane }> {
  const cluster = startCluster(t);
  const sink = await sinkOf(cluster);
  const lane = new TestLane();
  t.after(() => lane.detach());
  cluster.setBrokerDown(1);
  assert.equal(produce(lane.id, sink.producer, 0, lane.fill([{ key: 'k', value: 'waits' }]), 0), 1);
  return { cluster, sink, lane };
}

test('a sink that is closed still sends what waits for a broker', async (t) => {
  const { cluster, sink } = await waiting(t);
  const closed = sink.close();
  cluster.setBrokerUp(1);
  await closed;
  assert.deepEqual(await valuesIn(cluster), ['waits']);
});

test('a sink that is abandoned sends nothing of what waits, and takes nothing more', async (t) => {
  const { cluster, sink, lane } = await waiting(t);
  sink.abandon();
  const closed = sink.close();
  cluster.setBrokerUp(1);
  await closed;
  assert.deepEqual(await valuesIn(cluster), []);
  assert.throws(() => produce(lane.id, sink.producer, 0, 1, 0), { code: 'PRODUCER_CLOSED' });
});
