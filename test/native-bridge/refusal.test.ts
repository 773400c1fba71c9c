import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import {
  addTopic,
  createProducer,
  ENFORCED_CONFIG,
  errorText,
  flush,
  MESSAGE_OVERHEAD_BYTES,
  produce,
  takeEvents,
} from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

const FLUSH_MS = 20_000;

test('what is larger than its topic takes is refused before anything of the call is given', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'message.max.bytes': '2000', 'batch.size': '1500' });
  const small = addTopic(handle, 'small', 1, 1, 1500);
  const largest = 1500 - MESSAGE_OVERHEAD_BYTES;
  cluster.createTopic('small', 1, 1);

  assert.equal(produce(lane.id, handle, 0, lane.fill([{ topic: small, key: 'k', value: 'x'.repeat(largest - 1) }]), 0), 1);
  const batch = [
    { value: 'fits' },
    { topic: small, key: 'k', value: 'x'.repeat(largest), epoch: 3, table: 9, row: 5 },
    { value: 'fits too' },
  ];
  const count = lane.fill(batch);
  assert.throws(() => produce(lane.id, handle, 0, count, 0), {
    code: 'MESSAGE_TOO_LARGE',
    details: { topic: 'small', partition: 0, table: 9, epochSlot: 3, rowInEpoch: 5, bytes: largest + 1, limit: largest },
  });
  // Also what the topic would take, but librdkafka would skip.
  const skipped = lane.fill([{ value: 'x'.repeat(2000 - 35) }]);
  assert.throws(() => produce(lane.id, handle, 0, skipped, 0), { code: 'MESSAGE_TOO_LARGE' });
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual(table.totals, { delivered: 1, failed: 0, purged: 0, inFlight: 0 });
  assert.deepEqual([table.outstanding(0), table.outstanding(3)], [0, 0]);
});

test('a partition or topic that was not announced is refused, and no queue slot is lost to it', async (t) => {
  const cluster = startCluster(t, 2);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': '5' }, 2);
  for (let i = 0; i < 20; i++) {
    const count = lane.fill([{ value: 'good' }, { partition: 2, table: 4, row: i }]);
    assert.throws(() => produce(lane.id, handle, 0, count, 0), {
      code: 'UNKNOWN_PARTITION',
      details: { topic: 't', partition: 2, table: 4, epochSlot: 0, rowInEpoch: i },
    });
  }
  const unknown = lane.fill([{ topic: 1 }]);
  assert.throws(() => produce(lane.id, handle, 0, unknown, 0), { code: 'INTERNAL' });
  assert.equal(produce(lane.id, handle, 0, lane.fill(Array.from({ length: 5 }, () => ({ value: 'good' }))), 0), 5);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual(table.totals, { delivered: 5, failed: 0, purged: 0, inFlight: 0 });
});

test('descriptors that point outside of their memory are refused', (t) => {
  const cluster = startCluster(t);
  const { handle } = startProducer(t, cluster.bootstrapServers);
  const lane = new TestLane(4096);
  const capacity = lane.messages.length / LAYOUT.MESSAGE_WORDS;
  lane.fill([{ key: 'k', value: 'v' }]);
  const broken = { code: 'INTERNAL' };
  assert.throws(() => produce(lane.id, handle, 0, capacity + 1, 0), broken);
  assert.throws(() => produce(lane.id, handle, capacity, 1, 0), broken);
  assert.throws(() => produce(99, handle, 0, 1, 0), broken);
  for (const [word, value] of [
    [LAYOUT.MESSAGE_VALUE_OFFSET, lane.slab.length],
    [LAYOUT.MESSAGE_VALUE_LENGTH, lane.slab.length + 1],
    [LAYOUT.MESSAGE_KEY_OFFSET, -1],
    [LAYOUT.MESSAGE_KEY_LENGTH, lane.slab.length + 1],
    [LAYOUT.MESSAGE_OPAQUE_HIGH, LAYOUT.EPOCH_SLOTS << 16],
  ] as const) {
    lane.fill([{ key: 'k', value: 'v' }]);
    lane.messages[word] = value;
    assert.throws(() => produce(lane.id, handle, 0, 1, 0), broken, `word ${word}`);
  }
});

test('a configuration that librdkafka refuses, or that would break the guarantees, is refused by name', (t) => {
  const delivery = new TestTable().words;
  const refused = (config: Record<string, string>, pattern: RegExp) =>
    assert.throws(() => createProducer({ config, delivery }), { code: 'KAFKA_CONFIG_INVALID', message: pattern });
  refused({ 'no.such.property': '1' }, /no\.such\.property/);
  refused({ 'linger.ms': 'soon' }, /linger\.ms/);
  refused({ 'enable.idempotence': 'true', acks: '1' }, /acks/);
  refused({ 'message.timeout.ms': '1000' }, /message\.timeout\.ms is 1000; only 0/);
  refused({ 'delivery.timeout.ms': '1000' }, /delivery\.timeout\.ms is 1000; only 0/);
  refused({ 'allow.auto.create.topics': 'true' }, /allow\.auto\.create\.topics/);
  refused({ 'delivery.report.only.error': 'true' }, /delivery\.report\.only\.error/);
  assert.throws(() => createProducer({ config: {}, delivery: delivery.subarray(1) }), { code: 'INTERNAL' });

  const cluster = startCluster(t);
  const { handle } = startProducer(t, cluster.bootstrapServers, { ...ENFORCED_CONFIG, 'batch.size': '1000000' });
  assert.throws(() => addTopic(handle, 'narrow', 1, 1, 999_999), {
    code: 'KAFKA_CONFIG_INVALID',
    message: /batch\.size is 1000000, topic narrow/,
  });
  assert.throws(() => addTopic(handle, 'wide', 2, LAYOUT.TARGET_SLOTS - 1, TOPIC_BYTES), { code: 'TOO_MANY_TARGETS' });
  assert.throws(() => addTopic(handle, 't', 1, 8, TOPIC_BYTES), { code: 'INTERNAL', message: /added twice/ });
});

test('librdkafka runs with what is enforced, whatever its own defaults are', async (t) => {
  const cluster = startCluster(t);
  const { handle } = startProducer(t, cluster.bootstrapServers, { debug: 'conf' });
  const told = takeEvents(handle).map((event) => (event.kind === 'log' ? event.message : ''));
  for (const [name, value] of Object.entries(ENFORCED_CONFIG)) {
    assert.ok(
      told.some((line) => line.endsWith(`${name} = ${value}`)),
      `${name} = ${value} in\n${told.join('\n')}`,
    );
  }
});

test('a topic that does not exist is an error, and is not created', { skip: skipUnless('kcat') }, async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'topic.metadata.propagation.max.ms': '100' });
  const missing = addTopic(handle, 'missing', 1, 1, TOPIC_BYTES);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ topic: missing, epoch: 1 }]), 0), 1);
  await until(() => table.poisoned(1), { what: 'the report of the message to a missing topic' });
  assert.match(errorText(table.word(LAYOUT.ERROR_CODE)), /UNKNOWN_TOPIC/i);
  const listed = spawnSync('kcat', ['-L', '-b', cluster.bootstrapServers], { encoding: 'utf8' }).stdout;
  assert.match(listed, /topic "t"/);
  assert.doesNotMatch(listed, /topic "missing"/);
});
