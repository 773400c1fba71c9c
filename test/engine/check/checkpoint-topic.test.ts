import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCheckpointTopic } from '../../../engine/check/checkpoint-topic.ts';
import type { KafkaConfig } from '../../../engine/control/config/config.ts';
import type { TopicFacts } from '../../../engine/produce/topics.ts';

const KAFKA = {
  bootstrapServers: 'k1:9092',
  properties: { 'security.protocol': 'SASL_SSL', 'sasl.username': 'mill' },
} as unknown as KafkaConfig;
const CONFIG = { 'cleanup.policy': 'compact', 'segment.bytes': '16777216', 'min.insync.replicas': '2' };
const LAYOUT = { replicas: 3, inSync: 3, leaderless: 0, operations: ['Read', 'Write', 'Describe', 'DescribeConfigs'] };
const FIT: TopicFacts = {
  name: 'checkpoints',
  partitions: 1,
  maxMessageBytes: 1_048_588,
  compacted: true,
  created: false,
  config: CONFIG,
  layout: LAYOUT,
  warnings: [],
};

const judge = (fields: Partial<TopicFacts> = {}): string[] => judgeCheckpointTopic({ ...FIT, ...fields }, KAFKA);
const alter = (setting: string) =>
  new RegExp(`kafka-configs\\.sh --bootstrap-server k1:9092 --alter --topic checkpoints --add-config ${setting}$`);

test('a topic as Millrace creates it is fit', () => {
  assert.deepEqual(judge(), []);
});

test('settings that lose the checkpoint are refused with the command that mends them', () => {
  for (const policy of ['delete', 'compact,delete']) {
    assert.throws(() => judge({ config: { ...CONFIG, 'cleanup.policy': policy } }), {
      code: 'CHECKPOINT_TOPIC_UNFIT',
      message: alter('cleanup\\.policy=compact'),
    });
  }
  assert.throws(() => judge({ partitions: 3 }), { code: 'CHECKPOINT_TOPIC_UNFIT', message: /has 3 partitions.*MILLRACE_CHECKPOINT_TOPIC/ });
  const unwritable = { code: 'KAFKA_TOPIC_UNWRITABLE', message: alter('min\\.insync\\.replicas=1') };
  assert.throws(() => judge({ layout: { ...LAYOUT, replicas: 1 } }), unwritable);
  const unauthorised = {
    code: 'KAFKA_TOPIC_UNAUTHORIZED',
    message: /not Read, DescribeConfigs\. kafka-acls\.sh .*'User:mill' .*--topic checkpoints$/,
  };
  assert.throws(() => judge({ layout: { ...LAYOUT, operations: ['Write', 'Describe'] } }), unauthorised);
});

test('settings that make it slow or less safe are told', () => {
  assert.match(judge({ config: { ...CONFIG, 'segment.bytes': '1073741824' } })[0]!, alter('segment\\.bytes=16777216'));
  assert.match(judge({ config: { ...CONFIG, 'min.insync.replicas': '1' } })[0]!, alter('min\\.insync\\.replicas=2'));
});

test('what the broker does not tell is no reason to refuse, and is told where it matters', () => {
  assert.match(judge({ config: null })[0]!, /whether it is compacted.*--operation DescribeConfigs/);
  assert.deepEqual(judge({ layout: null }), []);
  assert.deepEqual(judge({ layout: { ...LAYOUT, operations: null } }), []);
});
