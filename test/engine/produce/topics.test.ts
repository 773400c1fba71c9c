import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_BYTES_UNKNOWN, resolveTopic, type TopicAdmin, type TopicRequest } from '../../../engine/produce/topics.ts';

const REQUEST: TopicRequest = {
  name: 'shop',
  autoCreate: false,
  partitions: null,
  replicationFactor: -1,
  recordedPartitions: null,
  keepsPartitions: false,
  maxMessageBytes: null,
  timeoutMs: 10_000,
};
const UNKNOWN_TOPIC = { error: 3, errorName: 'UNKNOWN_TOPIC_OR_PART', partitions: 0 };
const LAYOUT = { replicas: 3, inSync: 3, leaderless: 0, operations: ['Write'] };
const CONFIG = { 'max.message.bytes': '2000', 'cleanup.policy': 'delete' };

/** A broker that knows the topic with so many partitions; null: it does not, until the topic is created and asked about twice. */
function broker(partitions: number | null, config: Readonly<Record<string, string>> | null = CONFIG) {
  const created: (string | number)[][] = [];
  let known = partitions;
  let asked = 0;
  const admin: TopicAdmin = {
    topicMetadata: async () => {
      if (created.length > 0 && ++asked === 2) known = Number(created[0]![1]);
      return known === null ? UNKNOWN_TOPIC : { error: 0, errorName: 'NO_ERROR', partitions: known };
    },
    describeTopic: async () => config,
    inspectTopic: async () => LAYOUT,
    createTopic: async (topic, count, replicationFactor) => void created.push([topic, count, replicationFactor]),
  };
  return { admin, created };
}

test('a topic is taken as it is', async () => {
  const facts = {
    name: 'shop',
    partitions: 4,
    maxMessageBytes: 2000,
    compacted: false,
    created: false,
    config: CONFIG,
    layout: LAYOUT,
    warnings: [],
  };
  assert.deepEqual(await resolveTopic(broker(4).admin, REQUEST), facts);
  assert.deepEqual(await resolveTopic(broker(4).admin, { ...REQUEST, partitions: 4, recordedPartitions: 4 }), facts);
  const compacted = broker(4, { ...CONFIG, 'cleanup.policy': 'compact,delete' });
  assert.equal((await resolveTopic(compacted.admin, REQUEST)).compacted, true);
});

test('a partition count other than the asked one or the recorded one is refused', async () => {
  const refused = (fields: Partial<TopicRequest>, message: RegExp) =>
    assert.rejects(resolveTopic(broker(4).admin, { ...REQUEST, ...fields }), { code: 'KAFKA_PARTITION_COUNT', message });
  await refused({ partitions: 3 }, /has 4 partitions, MILLRACE_PARTITION_NUM asks for 3/);
  await refused({ recordedPartitions: 3 }, /has 4 partitions, the checkpoint was made with 3/);
  await refused({ partitions: 4, recordedPartitions: 5 }, /the checkpoint was made with 5/);
});

test('a topic that has grown is used as it was when nobody has asked for a new start; one that has shrunk is refused', async () => {
  const kept = { ...REQUEST, keepsPartitions: true, recordedPartitions: 4 };
  assert.equal((await resolveTopic(broker(6).admin, kept)).partitions, 4);
  assert.equal((await resolveTopic(broker(6).admin, { ...kept, partitions: 4 })).partitions, 4);
  assert.equal((await resolveTopic(broker(4).admin, kept)).partitions, 4);
  assert.equal((await resolveTopic(broker(6).admin, { ...kept, recordedPartitions: null })).partitions, 6);
  await assert.rejects(resolveTopic(broker(3).admin, kept), { code: 'KAFKA_PARTITION_COUNT', message: /has 3 partitions/ });
});

test('a missing topic is an error, and created when that is asked for', async () => {
  const { admin, created } = broker(null);
  await assert.rejects(resolveTopic(admin, REQUEST), { code: 'KAFKA_TOPIC_MISSING', message: /kafka-topics\.sh --create/ });
  assert.deepEqual(created, []);
  const facts = await resolveTopic(admin, { ...REQUEST, autoCreate: true, partitions: 7 });
  assert.deepEqual([facts.created, facts.partitions, created], [true, 7, [['shop', 7, -1]]]);
});

test('what the broker does not answer is named', async () => {
  const answers = (error: number, errorName: string): TopicAdmin => ({
    ...broker(1).admin,
    topicMetadata: async () => ({ error, errorName, partitions: 0 }),
  });
  const unauthorised = answers(29, 'TOPIC_AUTHORIZATION_FAILED');
  await assert.rejects(resolveTopic(unauthorised, REQUEST), { code: 'KAFKA_TOPIC_UNAUTHORIZED', message: /kafka-acls\.sh/ });
  await assert.rejects(resolveTopic(answers(5, 'LEADER_NOT_AVAILABLE'), REQUEST), { code: 'KAFKA_UNREACHABLE', message: /LEADER_NOT/ });
});

test("the limit of a message is the smaller of the user's and the topic's; a broker that does not tell its own gives a warning", async () => {
  const limit = async (maxMessageBytes: number | null, config: typeof CONFIG | null) => {
    const facts = await resolveTopic(broker(1, config).admin, { ...REQUEST, maxMessageBytes });
    return [facts.maxMessageBytes, facts.warnings.length];
  };
  assert.deepEqual(await limit(1500, CONFIG), [1500, 0]);
  assert.deepEqual(await limit(2500, CONFIG), [2000, 0]);
  assert.deepEqual(await limit(null, null), [MESSAGE_BYTES_UNKNOWN, 1]);
  assert.deepEqual(await limit(2_000_000, null), [2_000_000, 1]);
});
