import assert from 'node:assert/strict';
import { test } from 'node:test';
import rdkafka from '@confluentinc/kafka-javascript';
import { certificates } from './certificates.ts';
import { consume, consumeEach } from './consume.ts';
import { KAFKA_USER } from './kafka-properties.ts';
import { startKafka } from './kafka.ts';
import { run } from './run.ts';
import { skipUnless } from './skip.ts';

test('a broker keeps its messages over stop, kill and pause', { skip: skipUnless('kafka', 'kcat') }, async () => {
  const kafka = await startKafka();
  await kafka.createTopic('t', 3, { 'max.message.bytes': '2000' });
  assert.deepEqual(await kafka.endOffsets('t'), [0, 0, 0]);
  const produce = async (partition: number, key: string, value: string) => {
    const where = ['-b', kafka.bootstrapServers, '-t', 't', '-p', String(partition)];
    await run('kcat', ['-P', ...where, '-K', '\\t', '-D', '\\x01', '-Z', '-X', 'acks=all'], { input: `${key}\t${value}` });
  };
  await produce(1, 'k', 'a\nb 0 0\t1 2 3 4 5\n');
  await kafka.stop();
  await kafka.start();
  await produce(1, 'é', '');
  await kafka.kill9();
  await kafka.start();
  kafka.pause();
  const last = produce(2, 'x', 'y'.repeat(1900));
  kafka.resume();
  await last;
  assert.deepEqual(await kafka.endOffsets('t'), [0, 2, 1]);
  const records = await consume({ bootstrapServers: kafka.bootstrapServers, topic: 't' });
  const seen = records.map((r) => [r.partition, r.offset, r.key?.toString(), r.value?.toString() ?? null]);
  const wanted = [
    [1, 0, 'k', 'a\nb 0 0\t1 2 3 4 5\n'],
    [1, 1, 'é', null],
    [2, 0, 'x', 'y'.repeat(1900)],
  ];
  assert.deepEqual(
    seen.toSorted((a, b) => String(a).localeCompare(String(b))),
    wanted,
  );
  const third = await consume({ bootstrapServers: kafka.bootstrapServers, topic: 't', partition: 1, from: 1, until: 1 });
  assert.equal(third[0]?.offset, 1);
  await assert.rejects(consume({ bootstrapServers: kafka.bootstrapServers, topic: 't', until: 4, deadlineMs: 2000 }), /3 messages after/);
  await kafka.alterTopic('t', { 'max.message.bytes': '100' });
  await assert.rejects(produce(0, 'x', 'y'.repeat(1900)), /size|large/i);
  await kafka.addPartitions('t', 4);
  await kafka.deleteTopic('t');
  await assert.rejects(kafka.endOffsets('t'), /unknown|not there/i);
  await kafka.destroy();
});

test('the secure listener takes the user by PLAIN and SCRAM, and no other', { skip: skipUnless('kafka') }, async () => {
  const kafka = await startKafka({ secure: true });
  await kafka.createTopic('t');
  const { ca } = await certificates();
  for (const mechanism of ['PLAIN', 'SCRAM-SHA-512']) {
    for (const password of [KAFKA_USER.password, 'wrong']) {
      const works = await canListTopics({
        'bootstrap.servers': kafka.secureBootstrapServers as string,
        'security.protocol': 'sasl_ssl',
        'ssl.ca.location': ca,
        'sasl.mechanisms': mechanism,
        'sasl.username': KAFKA_USER.name,
        'sasl.password': password,
        log_level: 0,
      });
      assert.equal(works, password === KAFKA_USER.password, `${mechanism} with ${password}`);
    }
  }
  await kafka.destroy();
});

async function canListTopics(config: Record<string, string | number>): Promise<boolean> {
  const admin = rdkafka.AdminClient.create(config);
  try {
    return await new Promise((resolve) => {
      admin.listTopics({ timeout: 3000 }, (error, topics) => resolve(!error && topics.includes('t')));
    });
  } finally {
    admin.disconnect();
  }
}

test('a large topic is streamed', { skip: skipUnless('kafka', 'kcat') }, async () => {
  const kafka = await startKafka();
  await kafka.createTopic('big');
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i}:${'v'.repeat(i % 300)}`);
  const target = ['-b', kafka.bootstrapServers, '-t', 'big', '-p', '0', '-X', 'linger.ms=50', '-X', 'enable.idempotence=true'];
  await run('kcat', ['-P', ...target], { input: lines.join('\n') });
  let next = 0;
  const count = await consumeEach({ bootstrapServers: kafka.bootstrapServers, topic: 'big' }, (record) => {
    assert.equal(record.value?.toString(), lines[next++]);
  });
  assert.equal(count, lines.length);
  await kafka.destroy();
});
