import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  abortTransaction,
  addTopic,
  beginTransaction,
  close,
  commitTransaction,
  createProducer,
  flush,
  initTransactions,
  produce,
} from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { startKafka } from '../support/kafka.ts';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

const STEP_MS = 30_000;

async function read(bootstrapServers: string, isolation: 'read_committed' | 'read_uncommitted'): Promise<string[]> {
  const records = await consume({ bootstrapServers, topic: 't', config: { 'isolation.level': isolation } });
  return records.map((record) => String(record.value));
}

test('committed transactions are read, aborted ones are not', { skip: skipUnless('kafka', 'kcat') }, async (t) => {
  const kafka = await startKafka();
  t.after(() => kafka.stop());
  await kafka.createTopic('t', 1);
  const { handle, table, lane } = startProducer(t, kafka.bootstrapServers, { 'transactional.id': 'one' });
  const send = (value: string, epoch: number) => assert.equal(produce(lane.id, handle, 0, lane.fill([{ value, epoch }]), 0), 1);
  await initTransactions(handle, STEP_MS);

  await beginTransaction(handle);
  send('committed 1', 1);
  await commitTransaction(handle, STEP_MS);
  assert.deepEqual([table.outstanding(1), table.poisoned(1)], [0, false]);

  await beginTransaction(handle);
  send('aborted after delivery', 2);
  assert.equal(await flush(handle, STEP_MS), true);
  await abortTransaction(handle, STEP_MS);
  assert.equal(table.totals.delivered, 2, 'what the broker took before the abort is counted: who aborts starts again from the checkpoint');

  await beginTransaction(handle);
  send('committed 2', 3);
  await commitTransaction(handle, STEP_MS);
  assert.deepEqual(await read(kafka.bootstrapServers, 'read_committed'), ['committed 1', 'committed 2']);
  assert.deepEqual(await read(kafka.bootstrapServers, 'read_uncommitted'), ['committed 1', 'aborted after delivery', 'committed 2']);

  // A newer producer of the same id fences this one, in the middle of a transaction.
  await beginTransaction(handle);
  send('fenced', 4);
  const newer = startProducer(t, kafka.bootstrapServers, { 'transactional.id': 'one' });
  await initTransactions(newer.handle, STEP_MS);
  await assert.rejects(commitTransaction(handle, STEP_MS), { code: 'PRODUCER_FENCED' });
  const count = lane.fill([{ value: 'after the fence', epoch: 5 }]);
  assert.throws(() => produce(lane.id, handle, 0, count, 0), { code: 'PRODUCE_REFUSED' });
  await beginTransaction(newer.handle);
  assert.equal(produce(lane.id, newer.handle, 0, lane.fill([{ value: 'newer' }]), 0), 1);
  await commitTransaction(newer.handle, STEP_MS);
  assert.deepEqual(await read(kafka.bootstrapServers, 'read_committed'), ['committed 1', 'committed 2', 'newer']);
});

test('an abort purges what is queued, and that poisons its epochs', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'transactional.id': 'one', 'linger.ms': '100000' });
  await initTransactions(handle, STEP_MS);
  await beginTransaction(handle);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ epoch: 1 }, { epoch: 2 }]), 0), 2);
  await abortTransaction(handle, STEP_MS);
  await until(() => table.totals.inFlight === 0, { what: 'the reports of the purged messages' });
  assert.deepEqual(table.totals, { delivered: 0, failed: 0, purged: 2, inFlight: 0 });
  assert.deepEqual(
    [1, 2].map((epoch) => [table.outstanding(epoch), table.poisoned(epoch)]),
    [
      [1, true],
      [1, true],
    ],
  );

  await beginTransaction(handle);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ epoch: 3 }]), 0), 1);
  await commitTransaction(handle, STEP_MS);
  assert.deepEqual([table.outstanding(3), table.poisoned(3)], [0, false]);
});

test('messages are refused outside of a transaction, and nothing of them is counted', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'transactional.id': 'one' });
  const count = lane.fill([{ epoch: 1 }]);
  const refused = { code: 'PRODUCE_REFUSED', message: /state/i };
  assert.throws(() => produce(lane.id, handle, 0, count, 50), refused);
  await initTransactions(handle, STEP_MS);
  assert.throws(() => produce(lane.id, handle, 0, count, 50), refused);
  assert.equal(table.outstanding(1), 0);
  assert.equal(table.totals.inFlight, 0);
  await assert.rejects(commitTransaction(handle, STEP_MS), { code: 'TRANSACTION_FAILED', message: /cannot commit a transaction/ });
});

test('each step keeps its deadline, and may be taken again', async (t) => {
  const cluster = startCluster(t);
  cluster.setBrokerDown(1);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'transactional.id': 'one' });
  await assert.rejects(initTransactions(handle, 200), { code: 'TRANSACTION_FAILED' });
  cluster.setBrokerUp(1);
  await initTransactions(handle, STEP_MS);
  await beginTransaction(handle);
  cluster.setBrokerDown(1);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ epoch: 1 }]), 0), 1);
  await assert.rejects(commitTransaction(handle, 300), { code: 'TRANSACTION_FAILED' });
  assert.equal(table.outstanding(1), 1);
  cluster.setBrokerUp(1);
  await commitTransaction(handle, STEP_MS);
  assert.deepEqual([table.outstanding(1), table.poisoned(1)], [0, false]);
});

test('a transactional and an idempotent producer work side by side', async (t) => {
  const cluster = startCluster(t);
  const table = new TestTable();
  const config = { 'bootstrap.servers': cluster.bootstrapServers, 'enable.idempotence': 'true' };
  const handles = [
    createProducer({ config: { ...config, 'transactional.id': 'one' }, delivery: table.words }),
    createProducer({ config, delivery: table.words }),
  ];
  const [transactional, idempotent] = handles as [number, number];
  t.after(() => Promise.all(handles.map((handle) => close(handle, 0))));
  for (const [index, handle] of handles.entries()) addTopic(handle, 't', 1, index, TOPIC_BYTES);
  const lane = new TestLane();
  await initTransactions(transactional, STEP_MS);
  await beginTransaction(transactional);
  assert.equal(produce(lane.id, transactional, 0, lane.fill([{ epoch: 1 }]), 0), 1);
  assert.equal(produce(lane.id, idempotent, 0, lane.fill([{ epoch: 2 }]), 0), 1);
  assert.equal(await flush(idempotent, STEP_MS), true);
  await commitTransaction(transactional, STEP_MS);
  assert.deepEqual([table.target(0).count, table.target(1).count, table.outstanding(1), table.outstanding(2)], [1, 1, 0, 0]);
});
