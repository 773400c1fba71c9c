import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { letterTopics } from '../../../engine/check/letter-topics.ts';
import { checkSink, type SinkRequest } from '../../../engine/check/sink.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { skipUnless } from '../../support/skip.ts';
import { configOf, finding, mendKafka } from './support.ts';

const TABLES: SinkRequest['tables'] = ['orders', 'stock'].map((table) => ({ database: 'shop', schema: 'public', table, isKeyed: true }));
const BROKER = { BOOTSTRAP_SERVERS: 'nowhere.invalid:9092', TOPIC: 'rows' };

it('a template means a topic for each table, which are known with the tables', () => {
  const of = (topic: string, tables: SinkRequest['tables']) => letterTopics(configOf({ ...BROKER, DEAD_LETTER_TOPIC: topic }), tables);
  assert.deepEqual(letterTopics(configOf(BROKER), TABLES), []);
  assert.deepEqual(of('dead', null), ['dead']);
  assert.deepEqual(of('dead.%{database}', TABLES), ['dead.shop']);
  assert.deepEqual(of('dead.%{table}%{type}', TABLES), ['dead.orders', 'dead.stock']);
  assert.deepEqual(of('dead.%{table}', null), []);
});

describe('millrace check: the topic of dead letters', { skip: skipUnless('kafka') }, () => {
  let broker: KafkaServer;
  before(async () => {
    broker = await startKafka({});
    await broker.createTopic('rows', 3);
  });
  after(() => broker.destroy());

  it('is looked for, held against what letters need, and mended by what is said', async () => {
    const options = { BOOTSTRAP_SERVERS: broker.bootstrapServers, TOPIC: 'rows', PARTITION_NUM: '3', DEAD_LETTER_TOPIC: 'dead' };
    const check = () => checkSink({ tables: null, recordedPartitions: { dead: 9 }, config: configOf(options) });
    const missing = finding(await check(), 'topic', 'fail');
    assert.deepEqual([missing.code, missing.subject], ['KAFKA_TOPIC_MISSING', 'dead']);
    await broker.createTopic('dead', 1, { 'cleanup.policy': 'compact', 'max.message.bytes': '10000' });
    const compacted = finding(await check(), 'cleanup_policy', 'fail');
    assert.deepEqual([compacted.code, compacted.subject], ['DEAD_LETTER_TOPIC_UNFIT', 'dead']);
    await mendKafka(broker, compacted);
    const small = finding(await check(), 'message_size', 'fail');
    assert.match(small.found, /takes 10000 bytes/);
    await mendKafka(broker, small);
    const steps = await check();
    assert.deepEqual(
      steps.filter(({ state, subject }) => state === 'fail' && subject === 'dead'),
      [],
    );
    const found = steps.find(({ step, subject }) => step === 'message_size' && subject === 'dead')?.found;
    assert.equal(found, 'dead letters of up to 10485760 bytes');
  });
});
