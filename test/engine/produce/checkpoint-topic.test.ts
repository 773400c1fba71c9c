import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { openCheckpointTopic, type CheckpointTopic } from '../../../engine/produce/checkpoint-topic.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { skipUnless } from '../../support/skip.ts';

describe('the topic of checkpoints', { skip: skipUnless('kafka') }, () => {
  let kafka: KafkaServer;
  before(async () => {
    kafka = await startKafka();
  });
  after(() => kafka.destroy());

  const open = async (t: TestContext, name: string, access: 'read' | 'write' = 'write'): Promise<CheckpointTopic> => {
    const properties = {
      'bootstrap.servers': kafka.bootstrapServers,
      'linger.ms': '5',
      'compression.type': 'zstd',
      'enable.idempotence': 'true',
    };
    const credentials = { properties, secretFiles: {}, tokenFile: null };
    const topic = await openCheckpointTopic({ name, changefeed: 'shop', replicationFactor: 1, credentials, access });
    t.after(() => topic.close().catch(() => undefined));
    return topic;
  };
  const read = async (topic: CheckpointTopic): Promise<string[]> => {
    const entries: string[] = [];
    await topic.read(['a'], -1, 'committed', ({ value }) => entries.push(value ?? 'tombstone'));
    return entries;
  };

  it('is created compacted, with one partition and small segments, by who writes', async (t) => {
    await assert.rejects(open(t, 'new', 'read'), { code: 'KAFKA_TOPIC_MISSING' });
    const { facts } = await open(t, 'new');
    assert.deepEqual([facts.created, facts.partitions, facts.config?.['cleanup.policy']], [true, 1, 'compact']);
    assert.equal(facts.config?.['segment.bytes'], '16777216');
    assert.equal((await open(t, 'new')).facts.created, false);
  });

  it('is read by whoever asks, and written by the newest writer alone', async (t) => {
    const first = await open(t, 'written');
    await first.becomeWriter();
    await first.write({ a: 'one' });
    const reader = await open(t, 'written', 'read');
    assert.deepEqual(await read(reader), ['one']);
    const second = await open(t, 'written');
    await first.write({ a: 'two' });
    await second.becomeWriter();
    await assert.rejects(first.write({ a: 'late' }), { code: 'PRODUCER_FENCED' });
    await second.write({ a: '' });
    assert.deepEqual(await read(reader), ['one', 'two', 'tombstone']);
  });

  it('takes another client for new credentials, and keeps the one it has where that is refused', async (t) => {
    const topic = await open(t, 'renewed');
    await topic.becomeWriter();
    let confirmed = 0;
    const renewed = topic.renewCredentials(['/client.pem'], async () => void (confirmed += 1));
    await Promise.all([renewed, topic.write({ a: 'meanwhile' })]);
    await topic.write({ a: 'after' });
    assert.equal(confirmed, 1);
    assert.deepEqual(await read(topic), ['meanwhile', 'after']);
    const refusing = topic.renewCredentials(['/client.pem'], async () => {
      throw new Error('not any more');
    });
    await assert.rejects(refusing, /not any more/);
    await assert.rejects(topic.write({ a: 'late' }), { code: 'PRODUCER_FENCED' });
  });
});
