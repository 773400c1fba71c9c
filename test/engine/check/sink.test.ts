import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkSink, type SinkRequest } from '../../../engine/check/sink.ts';
import type { Step } from '../../../engine/check/steps.ts';
import { KAFKA_USER } from '../../support/kafka-properties.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { skipUnless } from '../../support/skip.ts';
import { configOf, finding, mendKafka, passes, type Options } from './support.ts';

/** Tables as the database's side finds them; those that begin with `loose` have no key. */
function tables(...names: readonly string[]): SinkRequest['tables'] {
  return names.map((table) => ({ database: 'shop', schema: 'public', table, isKeyed: !table.startsWith('loose') }));
}

describe('millrace check: topics and tables', { skip: skipUnless('kafka') }, () => {
  let broker: KafkaServer;
  before(async () => {
    broker = await startKafka({
      listeners: { CLEAR: { protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] } },
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    });
  });
  after(() => broker.destroy());

  const check = async (options: Options, more: Partial<SinkRequest> = {}): Promise<readonly Step[]> => {
    const config = configOf({ BOOTSTRAP_SERVERS: broker.bootstrapServers, ...options });
    return await checkSink({ tables: null, recordedPartitions: {}, ...more, config });
  };
  const subjects = (steps: readonly Step[], name: string) => steps.filter(({ step }) => step === name).map(({ subject }) => subject);

  it('topic: a missing one fails with the command that makes it, and is not made by looking', async () => {
    for (let turn = 0; turn < 2; turn++) {
      const missing = finding(await check({ TOPIC: 'missing' }), 'topic', 'fail');
      assert.deepEqual([missing.code, missing.found], ['KAFKA_TOPIC_MISSING', 'it does not exist']);
    }
    const steps = await check({ TOPIC: 'missing', PARTITION_NUM: '5' });
    assert.equal(steps.find(({ step }) => step === 'retention')!.found, 'topic failed');
    await mendKafka(broker, finding(steps, 'topic', 'fail'));
    const made = await check({ TOPIC: 'missing', PARTITION_NUM: '5' });
    passes(made, 'topic', 'partitions');
    assert.equal(made.find(({ step }) => step === 'partitions')!.found, '5');
  });

  it('topic: one that Millrace will create passes, and warns who may not', async () => {
    const options = { TOPIC: 'later', AUTO_CREATE_TOPIC: 'true' };
    const steps = await check(options);
    passes(steps, 'topic');
    assert.match(steps.find(({ step }) => step === 'topic')!.found, /Millrace creates it with 3 partitions/);
    assert.equal(steps.find(({ step }) => step === 'retention')!.found, 'there is no topic to look at');
    const login = {
      BOOTSTRAP_SERVERS: broker.addressOf('CLEAR'),
      SASL_MECHANISM: 'SCRAM-SHA-512',
      SASL_USERNAME: KAFKA_USER.name,
      SASL_PASSWORD: KAFKA_USER.password,
    };
    const acl = ['--allow-principal', `User:${KAFKA_USER.name}`];
    await broker.tool('org.apache.kafka.tools.AclCommand', ['--add', '--operation', 'Describe', '--cluster', ...acl]);
    await broker.tool('org.apache.kafka.tools.AclCommand', ['--add', '--operation', 'Describe', '--topic', 'later', ...acl]);
    await mendKafka(broker, finding(await check({ ...options, ...login }), 'topic', 'warn'));
    passes(await check({ ...options, ...login }), 'topic');
    finding(await check({ TOPIC: 'later' }), 'topic', 'fail');
  });

  it('partitions: another number than asked for, or than the checkpoint has', async () => {
    await broker.createTopic('four', 4);
    const asked = finding(await check({ TOPIC: 'four', PARTITION_NUM: '3' }), 'partitions', 'fail');
    assert.equal(asked.code, 'KAFKA_PARTITION_COUNT');
    passes(await check({ TOPIC: 'four', PARTITION_NUM: '4' }), 'partitions');
    const grown = finding(await check({ TOPIC: 'four' }, { recordedPartitions: { four: 3 } }), 'partitions', 'fail');
    assert.deepEqual(grown.remedies.at(-1), { how: 'shell', text: 'millrace position reset' });
    passes(await check({ TOPIC: 'four' }, { recordedPartitions: { four: 4 } }), 'partitions');
  });

  it('a template is looked at topic by topic, and not at all without the tables', async () => {
    await broker.createTopic('cdc-orders');
    await broker.createTopic('cdc-stock');
    const options = { TOPIC: 'cdc-%{table}' };
    const steps = await check(options, { tables: tables('orders', 'stock') });
    passes(steps, 'topic', 'partitions', 'retention', 'cleanup_policy', 'write_permission', 'message_size');
    assert.deepEqual(subjects(steps, 'topic'), ['cdc-orders', 'cdc-stock']);
    const alone = await check(options);
    passes(alone, 'listeners');
    assert.match(alone.find(({ step }) => step === 'topic')!.found, /is known only with the tables/);
    const odd = finding(await check(options, { tables: tables('or ders') }), 'topic', 'fail');
    assert.equal(odd.code, 'TOPIC_NAME_INVALID');
  });

  it('message_size: the batches of a template, which are larger than a topic takes', async () => {
    await broker.createTopic('small-orders', 1, { 'max.message.bytes': '500000' });
    const options = { TOPIC: 'small-%{table}' };
    const refused = finding(await check(options, { tables: tables('orders') }), 'message_size', 'fail');
    assert.equal(refused.code, 'KAFKA_CONFIG_INVALID');
    const [, name = '', value = ''] = /^set MILLRACE_(\w+)=(\d+)$/.exec(refused.remedies[0]!.text)!;
    passes(await check({ ...options, [name]: value }, { tables: tables('orders') }), 'message_size');
  });

  it('cleanup_policy: what compaction would delete fails, what it would refuse too, and tables that share a topic warn', async () => {
    await broker.createTopic('kept', 1, { 'cleanup.policy': 'compact' });
    const options = { TOPIC: 'kept' };
    assert.match(finding(await check(options), 'cleanup_policy', 'warn').found, /takes tables with keys only/);
    passes(await check(options, { tables: tables('orders') }), 'cleanup_policy');
    const keyless = finding(await check(options, { tables: tables('loose') }), 'cleanup_policy', 'fail');
    assert.equal(keyless.code, 'TOPIC_COMPACTED');
    const shared = finding(await check(options, { tables: tables('orders', 'stock') }), 'cleanup_policy', 'fail');
    passes(await check({ ...options, KEY_FORMAT: 'table_primary_key' }, { tables: tables('orders', 'stock') }), 'cleanup_policy');
    await mendKafka(broker, shared);
    const told = finding(await check(options, { tables: tables('orders', 'stock') }), 'cleanup_policy', 'warn');
    assert.match(told.found, /^delete; 2 tables share topic kept/);
    passes(await check(options, { tables: tables('orders') }), 'cleanup_policy');
  });

  it('checkpoint_topic: one that would lose the checkpoint fails until it is mended; one that is missing will be made', async () => {
    const options = { TOPIC: 'any', CHECKPOINT_STORE: 'topic', CHECKPOINT_TOPIC: 'marks' };
    const missing = (await check(options)).find(({ step }) => step === 'checkpoint_topic')!;
    assert.deepEqual([missing.state, /Millrace creates it, compacted/.test(missing.found)], ['pass', true]);
    await broker.createTopic('marks', 1, { 'segment.bytes': '16777216' });
    const unfit = finding(await check(options), 'checkpoint_topic', 'fail');
    assert.equal(unfit.code, 'CHECKPOINT_TOPIC_UNFIT');
    await mendKafka(broker, unfit);
    passes(await check(options), 'checkpoint_topic');
    const inFile = (await check({ TOPIC: 'any' })).find(({ step }) => step === 'checkpoint_topic')!;
    assert.deepEqual([inFile.state, inFile.found], ['skipped', 'the checkpoint is in the state directory']);
  });

  it('what librdkafka does not take is thrown before anything is connected to', async () => {
    await assert.rejects(check({ KAFKA_SOCKET_TIMEOUT_MS: 'soon' }), { code: 'KAFKA_CONFIG_INVALID' });
  });
});
