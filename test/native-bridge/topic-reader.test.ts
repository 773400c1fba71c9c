import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createTopic, describeTopic } from '../../native-bridge/admin.ts';
import {
  abortTransaction,
  addTopic,
  beginTransaction,
  close,
  createProducer,
  flush,
  initTransactions,
  produce,
  writeRecords,
} from '../../native-bridge/index.ts';
import { readTopic, type ReadingMode, type TopicRecord } from '../../native-bridge/topic-reader.ts';
import { startKafka, type KafkaServer } from '../support/kafka.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, TestLane, TestTable } from './fixture.ts';

const WAIT_MS = 30_000;
const TOPIC_BYTES = 1_048_588;

/** A transactional producer of topic `t`, with what its messages count in. */
async function startWriter(t: TestContext, servers: string, id: string): Promise<{ handle: number; topic: number; table: TestTable }> {
  const table = new TestTable();
  const config = { 'bootstrap.servers': servers, 'transactional.id': id };
  const handle = createProducer({ config, delivery: table.words });
  t.after(() => close(handle, 0));
  const topic = addTopic(handle, 't', 1, 0, TOPIC_BYTES);
  await initTransactions(handle, WAIT_MS);
  return { handle, topic, table };
}

async function read(
  servers: string,
  from = -1,
  timeoutMs = WAIT_MS,
  mode: ReadingMode = 'committed',
): Promise<{ records: TopicRecord[]; next: number }> {
  const records: TopicRecord[] = [];
  const reading = { config: { 'bootstrap.servers': servers }, token: null, topic: 't', from, keys: ['a', 'b'], mode, timeoutMs };
  const next = await readTopic(reading, (record) => records.push(record));
  return { records, next };
}

const textOf = ({ key, value }: TopicRecord): string => `${key}=${value}`;

async function kafkaWithTopic(t: TestContext): Promise<KafkaServer> {
  const kafka = await startKafka();
  t.after(() => kafka.stop());
  await kafka.createTopic('t', 1);
  return kafka;
}

test('what one transaction wrote is read to the end, tombstones and all', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await kafkaWithTopic(t);
  assert.deepEqual((await read(kafka.bootstrapServers)).records, [], 'an empty topic has an end');
  const { handle, topic, table } = await startWriter(t, kafka.bootstrapServers, 'one');
  await writeRecords(handle, topic, { a: 'first', other: 'not asked for', b: 'second' });
  await writeRecords(handle, topic, { a: '' });
  const whole = await read(kafka.bootstrapServers);
  assert.deepEqual(whole.records.map(textOf), ['a=first', 'b=second', 'a=null']);
  assert.deepEqual((await read(kafka.bootstrapServers, whole.next)).records, []);
  await writeRecords(handle, topic, { b: 'ü third' });
  const rest = await read(kafka.bootstrapServers, whole.next);
  assert.deepEqual(rest.records.map(textOf), ['b=ü third']);
  assert.deepEqual([table.totals.inFlight, table.outstanding(0)], [0, 0]);
});

test('many records are read piece by piece', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await kafkaWithTopic(t);
  const { handle, topic } = await startWriter(t, kafka.bootstrapServers, 'one');
  const value = 'x'.repeat(900_000);
  for (let i = 0; i < 40; i++) await writeRecords(handle, topic, { a: `${i} ${value}` });
  const { records } = await read(kafka.bootstrapServers);
  assert.deepEqual(
    records.map((record) => Number(record.value!.split(' ')[0])),
    Array.from({ length: 40 }, (_, i) => i),
  );
});

test('an open transaction of another writer is waited for, and what it aborts is not read', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await kafkaWithTopic(t);
  const writer = await startWriter(t, kafka.bootstrapServers, 'one');
  const other = await startWriter(t, kafka.bootstrapServers, 'other');
  const lane = new TestLane();
  await beginTransaction(other.handle);
  assert.equal(produce(lane.id, other.handle, 0, lane.fill([{ key: 'a', value: 'aborted', topic: other.topic }]), 0), 1);
  assert.equal(await flush(other.handle, WAIT_MS), true);
  await writeRecords(writer.handle, writer.topic, { a: 'committed' });
  await assert.rejects(read(kafka.bootstrapServers, -1, 1000), {
    code: 'KAFKA_UNREACHABLE',
    message: /a transaction of another writer is open/,
  });
  const waitingFor = async (mode: ReadingMode) => (await read(kafka.bootstrapServers, -1, WAIT_MS, mode)).records.map(textOf);
  assert.deepEqual(await waitingFor('stable'), [], 'what lies before it is told without waiting');
  assert.deepEqual(await waitingFor('written'), ['a=aborted', 'a=committed']);
  const reading = read(kafka.bootstrapServers);
  await abortTransaction(other.handle, WAIT_MS);
  assert.deepEqual((await reading).records.map(textOf), ['a=committed']);
});

test('a writer that a newer one has fenced writes nothing', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await kafkaWithTopic(t);
  const older = await startWriter(t, kafka.bootstrapServers, 'one');
  await writeRecords(older.handle, older.topic, { a: 'older' });
  const newer = await startWriter(t, kafka.bootstrapServers, 'one');
  await writeRecords(newer.handle, newer.topic, { a: 'newer' });
  await assert.rejects(writeRecords(older.handle, older.topic, { a: 'too late' }), { code: 'PRODUCER_FENCED' });
  assert.deepEqual((await read(kafka.bootstrapServers)).records.map(textOf), ['a=older', 'a=newer']);
});

test('a write waits for brokers that are away, and one that is too large leaves the writer as it was', async (t) => {
  const cluster = startCluster(t);
  const { handle, topic } = await startWriter(t, cluster.bootstrapServers, 'one');
  cluster.setBrokerDown(1);
  const written = writeRecords(handle, topic, { a: 'through the outage' });
  cluster.setBrokerUp(1);
  await written;
  await assert.rejects(writeRecords(handle, topic, { a: 'x'.repeat(1_200_000), b: 'small' }), { code: 'TRANSACTION_ABORTED' });
  await writeRecords(handle, topic, { b: 'after it' });
  const { records } = await read(cluster.bootstrapServers);
  assert.deepEqual(records.filter(({ value }) => value !== null).map(textOf), ['a=through the outage', 'b=after it']);
});

test('a topic that is not there and a broker that does not answer end a reading', async (t) => {
  const cluster = startCluster(t);
  const reading = {
    config: { 'bootstrap.servers': cluster.bootstrapServers },
    token: null,
    from: -1,
    keys: ['a'],
    mode: 'committed',
    timeoutMs: 500,
  } as const;
  cluster.setBrokerDown(1);
  await assert.rejects(
    readTopic({ ...reading, topic: 't' }, () => assert.fail()),
    { code: 'KAFKA_UNREACHABLE' },
  );
});

test('a topic is created with its settings', { skip: skipUnless('kafka') }, async (t) => {
  const kafka = await kafkaWithTopic(t);
  const handle = createProducer({ config: { 'bootstrap.servers': kafka.bootstrapServers }, delivery: new TestTable().words });
  t.after(() => close(handle, 0));
  await createTopic(handle, 'compacted', 1, 1, WAIT_MS, { 'cleanup.policy': 'compact', 'segment.bytes': '1048576' });
  // A broker tells nothing of a topic until it has heard of it from the controller.
  const config = await until(async () => await describeTopic(handle, 'compacted', WAIT_MS), { what: 'the settings of the topic' });
  assert.deepEqual([config['cleanup.policy'], config['segment.bytes']], ['compact', '1048576']);
});
