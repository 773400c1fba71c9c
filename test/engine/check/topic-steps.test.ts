import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Step } from '../../../engine/check/steps.ts';
import { startKafka, type KafkaServer } from '../../support/kafka.ts';
import { KAFKA_USER } from '../../support/kafka-properties.ts';
import { skipUnless } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { finding, mendKafka, passes, show, sink, type Options } from './support.ts';

describe('millrace check: a topic', { skip: skipUnless('kafka') }, () => {
  let broker: KafkaServer;
  let topics = 0;
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

  /** A topic of its own, and what looks at it. */
  const topic = async (config: Options = {}) => {
    const name = `topic${(topics += 1)}`;
    await broker.createTopic(name, 2, config);
    const check = async (options: Options = {}) => await sink({ BOOTSTRAP_SERVERS: broker.bootstrapServers, TOPIC: name, ...options });
    return { name, check };
  };

  it('a topic as it should be, but for its one broker', async () => {
    const { name, check } = await topic();
    const steps = await check();
    passes(steps, 'topic', 'partitions', 'min_insync_replicas', 'retention', 'cleanup_policy', 'write_permission', 'message_size');
    const alone = finding(steps, 'replication_factor', 'warn');
    assert.deepEqual([alone.subject, alone.remedies[0]!.text], [name, 'add brokers to the cluster']);
    assert.deepEqual(await broker.endOffsets(name), [0, 0], 'nothing was written');
  });

  it('min_insync_replicas: more than there are replicas', async () => {
    const { check } = await topic({ 'min.insync.replicas': '2' });
    const refused = finding(await check(), 'min_insync_replicas', 'fail');
    assert.equal(refused.code, 'KAFKA_TOPIC_UNWRITABLE');
    await mendKafka(broker, refused);
    passes(await check(), 'min_insync_replicas');
  });

  it('retention: less than a day', async () => {
    const { check } = await topic({ 'retention.ms': '3600000' });
    const short = finding(await check(), 'retention', 'warn');
    assert.match(short.found, /^1 h: /);
    await mendKafka(broker, short);
    passes(await check(), 'retention');
    const compacted = await topic({ 'cleanup.policy': 'compact', 'retention.ms': '3600000' });
    passes(await compacted.check(), 'retention');
  });

  it('message_size: a limit below the one that was asked for, and one beyond the memory budget', async () => {
    const { name, check } = await topic({ 'max.message.bytes': '500000' });
    const wanted = { MAX_MESSAGE_BYTES: '2000000' };
    await mendKafka(broker, finding(await check(wanted), 'message_size', 'warn'));
    passes(await check(wanted), 'message_size');
    assert.match((await check()).find(({ step }) => step === 'message_size')!.found, /^at most 2000000 bytes$/);
    await broker.alterTopic(name, { 'max.message.bytes': '50000000' });
    const beyond = finding(await check(), 'message_size', 'warn');
    const [, memory = ''] = /^set MILLRACE_MEMORY to (\d+MB)/.exec(beyond.remedies[0]!.text)!;
    passes(await check({ MEMORY: memory }), 'message_size');
  });

  it('write_permission: a user who may look and not write', async () => {
    const { name, check } = await topic();
    const login = {
      BOOTSTRAP_SERVERS: broker.addressOf('CLEAR'),
      SASL_MECHANISM: 'SCRAM-SHA-512',
      SASL_USERNAME: KAFKA_USER.name,
      SASL_PASSWORD: KAFKA_USER.password,
    };
    const unseen = finding(await check(login), 'topic', 'fail');
    assert.equal(unseen.code, 'KAFKA_TOPIC_UNAUTHORIZED');
    const acl = ['--allow-principal', `User:${KAFKA_USER.name}`, '--topic', name];
    await broker.tool('org.apache.kafka.tools.AclCommand', ['--add', '--operation', 'Describe', ...acl]);
    const steps = await check(login);
    passes(steps, 'topic');
    const limit = finding(steps, 'message_size', 'warn');
    assert.match(limit.found, /the broker does not tell the configuration/);
    const refused = finding(steps, 'write_permission', 'fail');
    assert.match(refused.found, /^the user may Describe and not Write$/);
    assert.equal(refused.code, 'KAFKA_TOPIC_UNAUTHORIZED');
    await mendKafka(broker, refused);
    passes(await check(login), 'topic', 'retention', 'write_permission', 'message_size');
    assert.deepEqual(await broker.endOffsets(name), [0, 0], 'nothing was written');
  });
});

describe('millrace check: a topic of two brokers', { skip: skipUnless('kafka') }, () => {
  let first: KafkaServer;
  let second: KafkaServer;
  before(async () => {
    first = await startKafka();
    second = await startKafka({ joins: first });
    await first.createTopic('shop', 2);
  });
  after(() => Promise.all([first.destroy(), second.destroy()]));

  const check = async () => await sink({ BOOTSTRAP_SERVERS: first.bootstrapServers });
  /** The cluster tells of what happened a moment later. */
  const once = async (is: (steps: readonly Step[]) => boolean, what: string) => {
    let last: readonly Step[] = [];
    await until(async () => is((last = await check())), { deadlineMs: 60_000, everyMs: 200, what: () => `${what}:\n${show(last)}` });
    return last;
  };
  const state = (steps: readonly Step[], name: string) => steps.find(({ step }) => step === name)?.state;

  it('replication_factor and min_insync_replicas are mended by their commands; a broker that is down is told', async () => {
    const alone = await once((steps) => (steps.find(({ step }) => step === 'listeners')?.found ?? '').includes('broker 2'), 'broker 2');
    await mendKafka(first, finding(alone, 'replication_factor', 'warn'));
    const copied = await once((steps) => state(steps, 'replication_factor') === 'pass', 'the replicas');
    await mendKafka(first, finding(copied, 'min_insync_replicas', 'warn'));
    const all = await once((steps) => state(steps, 'min_insync_replicas') === 'pass', 'both in sync');
    passes(all, 'partitions', 'replication_factor', 'min_insync_replicas', 'listeners');

    await second.stop();
    const down = await once((steps) => state(steps, 'min_insync_replicas') === 'fail', 'the loss of a replica');
    assert.match(finding(down, 'min_insync_replicas', 'fail').found, /^2, and 1 of 2 replicas are in sync/);
    await second.start();
    passes(await once((steps) => state(steps, 'min_insync_replicas') === 'pass', 'both again'), 'partitions', 'min_insync_replicas');
  });

  it('partitions: those whose only broker is down have no leader', async () => {
    await first.tool('org.apache.kafka.tools.TopicCommand', ['--create', '--topic', 'far', '--replica-assignment', '2,1']);
    const far = async () => await sink({ BOOTSTRAP_SERVERS: first.bootstrapServers, TOPIC: 'far' });
    await second.stop();
    await until(async () => state(await far(), 'partitions') === 'fail', { deadlineMs: 60_000, everyMs: 200, what: 'the loss' });
    const lost = finding(await far(), 'partitions', 'fail');
    assert.deepEqual([lost.code, lost.found], ['KAFKA_TOPIC_UNWRITABLE', '1 of 2 have no leader: nothing can be written to them']);
    await second.start();
    await until(async () => state(await far(), 'partitions') === 'pass', { deadlineMs: 60_000, everyMs: 200, what: 'the leader' });
  });
});
