import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close, errorText, flush, produce, purge, takeEvents } from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, type TestProducer, type TestTable } from './fixture.ts';

const FLUSH_MS = 20_000;
const PRODUCE = 0;
const INIT_PRODUCER_ID = 22;
const INVALID_RECORD = 87;
const TOPIC_AUTHORIZATION_FAILED = 29;
const CLUSTER_AUTHORIZATION_FAILED = 31;

function errorKey(table: TestTable): string {
  const length = Math.min(table.word(LAYOUT.ERROR_KEY_LENGTH) >>> 0, LAYOUT.ERROR_KEY_BYTES);
  return Buffer.from(table.words.buffer, LAYOUT.ERROR_KEY * 4, length).toString();
}

/** Produces one message and waits for its report, whichever it is. */
async function send({ handle, lane }: TestProducer, message: Parameters<typeof lane.fill>[0][number]): Promise<void> {
  assert.equal(produce(lane.id, handle, 0, lane.fill([message]), 0), 1);
  assert.equal(await flush(handle, FLUSH_MS), true);
}

test('a failed message poisons its epoch, is never counted as delivered, and the first one is named whole', async (t) => {
  const cluster = startCluster(t, 2);
  const producer = startProducer(t, cluster.bootstrapServers, { 'enable.idempotence': 'false' }, 2);
  const { table } = producer;
  await send(producer, { epoch: 1 });
  assert.equal(table.word(LAYOUT.ERROR_STATE), LAYOUT.ERROR_NONE);
  cluster.pushRequestErrors(PRODUCE, [INVALID_RECORD]);
  const changes = table.word(LAYOUT.HEADER_CHANGES);
  await send(producer, { key: '{"id":42}', partition: 1, epoch: 2, table: 77, row: 123456 });
  cluster.pushRequestErrors(PRODUCE, [INVALID_RECORD]);
  await send(producer, { key: '{"id":43}', partition: 0, epoch: 3, table: 78 });
  await send(producer, { epoch: 4 });

  assert.deepEqual(
    [1, 2, 3, 4].map((epoch) => table.outstanding(epoch)),
    [0, 1, 1, 0],
  );
  assert.deepEqual(
    [1, 2, 3, 4].map((epoch) => table.poisoned(epoch)),
    [false, true, true, false],
  );
  assert.deepEqual(table.totals, { delivered: 2, failed: 2, purged: 0, inFlight: 0 });
  assert.deepEqual(table.target(1), { offset: 0, count: 0, bytes: 0, inFlight: 0 });
  assert.ok(table.word(LAYOUT.HEADER_CHANGES) >= changes + 3);

  assert.equal(table.word(LAYOUT.ERROR_STATE), LAYOUT.ERROR_OF_FAILURE);
  assert.equal(table.word(LAYOUT.ERROR_CODE), INVALID_RECORD);
  assert.match(errorText(table.word(LAYOUT.ERROR_CODE)), /^INVALID_RECORD: Broker: /);
  const words = [
    LAYOUT.ERROR_HANDLE,
    LAYOUT.ERROR_TOPIC,
    LAYOUT.ERROR_PARTITION,
    LAYOUT.ERROR_TABLE,
    LAYOUT.ERROR_EPOCH_SLOT,
    LAYOUT.ERROR_ROW_IN_EPOCH,
  ];
  assert.deepEqual(
    words.map((word) => table.word(word)),
    [producer.handle, 0, 1, 77, 2, 123456],
  );
  assert.equal(errorKey(table), '{"id":42}');
});

test('the key of the first error may be null, and is cut where it is too long', async (t) => {
  const cluster = startCluster(t);
  for (const key of [null, '', 'k'.repeat(1000)]) {
    const producer = startProducer(t, cluster.bootstrapServers, { 'enable.idempotence': 'false' });
    cluster.pushRequestErrors(PRODUCE, [INVALID_RECORD]);
    await send(producer, { key });
    const length = producer.table.word(LAYOUT.ERROR_KEY_LENGTH) >>> 0;
    assert.equal(length, key === null ? LAYOUT.NULL_LENGTH : key.length);
    if (key !== null) assert.equal(errorKey(producer.table), key.slice(0, LAYOUT.ERROR_KEY_BYTES));
    assert.equal(producer.table.word(LAYOUT.EPOCHS), 1, 'what follows the key is untouched');
    await close(producer.handle, FLUSH_MS);
  }
});

test('a poisoned epoch stays poisoned and outstanding while later epochs are delivered', async (t) => {
  const cluster = startCluster(t);
  const producer = startProducer(t, cluster.bootstrapServers);
  const { table } = producer;
  await send(producer, { epoch: 0 });
  cluster.pushRequestErrors(PRODUCE, [INVALID_RECORD]);
  await send(producer, { epoch: 1 });
  assert.deepEqual([table.poisoned(1), table.outstanding(1)], [true, 1]);
  await send(producer, { epoch: 2 });
  await send(producer, { epoch: 1 });
  assert.deepEqual([table.poisoned(2), table.outstanding(2)], [false, 0]);
  assert.deepEqual([table.poisoned(1), table.outstanding(1)], [true, 1]);
});

test('what is purged is not delivered: it poisons its epochs and the queue is empty', async (t) => {
  const cluster = startCluster(t, 2);
  const producer = startProducer(t, cluster.bootstrapServers, {}, 2);
  const { handle, table, lane } = producer;
  await send(producer, { epoch: 1 });
  cluster.setBrokerDown(1);
  const count = lane.fill([
    { epoch: 2, partition: 0 },
    { epoch: 2, partition: 1 },
    { epoch: 3, partition: 1 },
  ]);
  assert.equal(produce(lane.id, handle, 0, count, 0), count);
  purge(handle);
  await until(() => table.totals.inFlight === 0, { what: 'the reports of the purged messages' });
  assert.deepEqual(table.totals, { delivered: 1, failed: 0, purged: 3, inFlight: 0 });
  assert.deepEqual(
    [1, 2, 3].map((epoch) => table.outstanding(epoch)),
    [0, 2, 1],
  );
  assert.deepEqual(
    [1, 2, 3].map((epoch) => table.poisoned(epoch)),
    [false, true, true],
  );
  assert.match(errorText(table.word(LAYOUT.ERROR_CODE)), /^_PURGE_QUEUE/);
  assert.equal(await flush(handle, FLUSH_MS), true);
});

test('a failure takes the place of a purge as the first error, and never the other way round', async (t) => {
  const cluster = startCluster(t);
  const producer = startProducer(t, cluster.bootstrapServers, { 'enable.idempotence': 'false' });
  const { handle, table, lane } = producer;
  const purgeOne = async (epoch: number) => {
    cluster.setBrokerDown(1);
    assert.equal(produce(lane.id, handle, 0, lane.fill([{ epoch }]), 0), 1);
    purge(handle);
    await until(() => table.totals.inFlight === 0, { what: 'the report of the purged message' });
    cluster.setBrokerUp(1);
  };
  await send(producer, { epoch: 1 });
  await purgeOne(2);
  assert.deepEqual([table.word(LAYOUT.ERROR_STATE), table.word(LAYOUT.ERROR_EPOCH_SLOT)], [LAYOUT.ERROR_OF_PURGE, 2]);
  cluster.pushRequestErrors(PRODUCE, [INVALID_RECORD]);
  await send(producer, { epoch: 3 });
  assert.deepEqual([table.word(LAYOUT.ERROR_STATE), table.word(LAYOUT.ERROR_EPOCH_SLOT)], [LAYOUT.ERROR_OF_FAILURE, 3]);
  await purgeOne(4);
  assert.deepEqual([table.word(LAYOUT.ERROR_STATE), table.word(LAYOUT.ERROR_EPOCH_SLOT)], [LAYOUT.ERROR_OF_FAILURE, 3]);
});

test('flush keeps its deadline and drops nothing; close keeps its own and says that it had to purge', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers);
  cluster.setBrokerDown(1);
  assert.equal(produce(lane.id, handle, 0, lane.fill([{ epoch: 1 }, { epoch: 1 }]), 0), 2);
  assert.equal(await flush(handle, 100), false);
  assert.deepEqual(table.totals, { delivered: 0, failed: 0, purged: 0, inFlight: 2 });
  assert.equal(await close(handle, 100), false);
  assert.deepEqual(table.totals, { delivered: 0, failed: 0, purged: 2, inFlight: 0 });
  assert.equal(table.poisoned(1), true);
  assert.throws(() => produce(lane.id, handle, 0, 1, 0), { code: 'PRODUCER_CLOSED' });
  await assert.rejects(close(handle, 0), { code: 'PRODUCER_CLOSED' });
});

test('a topic that may not be written any more refuses what follows, and says why', async (t) => {
  const cluster = startCluster(t);
  const producer = startProducer(t, cluster.bootstrapServers);
  const { handle, table, lane } = producer;
  await send(producer, { epoch: 0 });
  cluster.pushRequestErrors(PRODUCE, [TOPIC_AUTHORIZATION_FAILED]);
  await send(producer, { epoch: 1 });
  assert.equal(table.poisoned(1), true);
  const count = lane.fill([{ epoch: 2 }]);
  assert.throws(() => produce(lane.id, handle, 0, count, 0), { code: 'PRODUCE_REFUSED', message: /Topic authorization failed/ });
  assert.equal(table.outstanding(2), 0);
});

test('after a fatal error nothing more is accepted, and the reason comes as an event', async (t) => {
  const cluster = startCluster(t);
  cluster.pushRequestErrors(INIT_PRODUCER_ID, [CLUSTER_AUTHORIZATION_FAILED]);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers);
  const fatal = await until(() => takeEvents(handle).find((event) => event.kind === 'error' && event.fatal), { what: 'the fatal event' });
  assert.ok(
    fatal.kind === 'error' && fatal.code === CLUSTER_AUTHORIZATION_FAILED && /authorization/.test(fatal.message),
    JSON.stringify(fatal),
  );
  const count = lane.fill([{ epoch: 2, table: 5, row: 9 }, { epoch: 2 }]);
  assert.throws(() => produce(lane.id, handle, 0, count, 50), {
    code: 'PRODUCE_REFUSED',
    details: { topic: 't', partition: 0, table: 5, epochSlot: 2, rowInEpoch: 9, librdkafka: '_FATAL', accepted: 0 },
  });
  assert.deepEqual([table.outstanding(2), table.totals.inFlight, table.target(0).inFlight], [0, 0, 0]);
});
