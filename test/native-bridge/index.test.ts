import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addTopic,
  close,
  createProducer,
  flush,
  librdkafkaVersion,
  lockFile,
  monotonicNanos,
  onDelivery,
  produce,
  queueDepth,
  takeEvents,
  type NativeEvent,
} from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { consume } from '../support/consume.ts';
import { acknowledgeFirst } from '../support/first-messages.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { startCluster, startProducer, TestLane, TestTable, TOPIC_BYTES } from './fixture.ts';

const FLUSH_MS = 20_000;

test('a batch goes from shared memory to its partitions, keys and values byte for byte', { skip: skipUnless('kcat') }, async (t) => {
  const cluster = startCluster(t, 3);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'compression.codec': 'lz4' }, 3);
  const sent = [
    { key: '{"id":1}', value: '{"a":"é€😀"}', partition: 0, epoch: 7 },
    { key: null, value: 'no key', partition: 0, epoch: 8 },
    { key: '', value: '', partition: 2, epoch: 8 },
    { key: 'gone', value: null, partition: 2, epoch: 9 },
  ];
  assert.equal(produce(lane.id, handle, 0, lane.fill(sent), 0), sent.length);
  assert.equal(await flush(handle, FLUSH_MS), true);

  const read = await consume({ bootstrapServers: cluster.bootstrapServers, topic: 't' });
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
  const got = read.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  assert.deepEqual(
    got.map((record) => ({ key: text(record.key), value: text(record.value), partition: record.partition })),
    sent.map(({ key, value, partition }) => ({ key, value, partition })),
  );
  assert.deepEqual(table.totals, { delivered: 4, failed: 0, purged: 0, inFlight: 0 });
  assert.deepEqual(table.target(0), { offset: 2, count: 2, bytes: 8 + Buffer.byteLength('{"a":"é€😀"}') + 6, inFlight: 0 });
  assert.deepEqual(table.target(1), { offset: 0, count: 0, bytes: 0, inFlight: 0 });
  assert.deepEqual(table.target(2), { offset: 2, count: 2, bytes: 4, inFlight: 0 });
});

test('an epoch is counted before it is produced and ends when its last message is reported', async (t) => {
  const cluster = startCluster(t, 2);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, {}, 2);
  cluster.setBrokerDown(1);
  const batch = [
    { partition: 0, epoch: 0 },
    { partition: 0, epoch: 4095, row: 0xffffffff | 0 },
    { partition: 1, epoch: 0 },
  ];
  assert.equal(produce(lane.id, handle, 0, lane.fill(batch), 0), 3);
  assert.deepEqual([table.outstanding(0), table.outstanding(4095), table.target(0).inFlight, table.target(1).inFlight], [2, 1, 2, 1]);
  assert.deepEqual(table.totals, { delivered: 0, failed: 0, purged: 0, inFlight: 3 });
  assert.deepEqual(queueDepth(handle), { messages: 3, bytes: 3 });
  assert.equal(table.word(LAYOUT.HEADER_CHANGES), 0);

  cluster.setBrokerUp(1);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual([table.outstanding(0), table.outstanding(4095)], [0, 0]);
  assert.deepEqual([table.poisoned(0), table.poisoned(4095)], [false, false]);
  assert.deepEqual(queueDepth(handle), { messages: 0, bytes: 0 });
  assert.ok(table.word(LAYOUT.HEADER_CHANGES) >= 2);
});

test('a report never finds its epoch uncounted, however long the call that produces it takes', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'linger.ms': '0' });
  const epochs = 1000;
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    const count = lane.fill(Array.from({ length: epochs }, (_, row) => ({ epoch: round * epochs + row })));
    // All have one large value: while librdkafka copies it again and again, the first messages are acknowledged.
    for (let message = 0; message < count; message++) {
      lane.messages[message * LAYOUT.MESSAGE_WORDS + LAYOUT.MESSAGE_VALUE_OFFSET] = 0;
      lane.messages[message * LAYOUT.MESSAGE_WORDS + LAYOUT.MESSAGE_VALUE_LENGTH] = 32_768;
    }
    assert.equal(produce(lane.id, handle, 0, count, FLUSH_MS), count);
    assert.equal(await flush(handle, FLUSH_MS), true);
  }
  assert.equal(table.totals.delivered, rounds * epochs);
  assert.equal(table.word(LAYOUT.HEADER_CHANGES), rounds * epochs, 'each epoch was seen to end');
});

test('the delivery callback follows every change, and many changes make few calls', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': '10' });
  let calls = 0;
  let seen = 0;
  onDelivery(() => {
    calls++;
    seen = table.word(LAYOUT.HEADER_CHANGES);
  });
  const epochs = 2000;
  const count = lane.fill(Array.from({ length: epochs }, (_, epoch) => ({ epoch })));
  // This thread sits in the call while reports of ten messages at most come in, which are some 200 wake-ups.
  assert.equal(produce(lane.id, handle, 0, count, FLUSH_MS), count);
  assert.equal(await flush(handle, FLUSH_MS), true);
  await until(() => seen === epochs, { what: () => `a call after the last of ${epochs} changes, the last saw ${seen}` });
  assert.ok(calls <= 5, `${calls} calls`);
});

test('two producers count in tables of their own, and one closes without the other', async (t) => {
  const cluster = startCluster(t);
  const first = startProducer(t, cluster.bootstrapServers);
  const second = startProducer(t, cluster.bootstrapServers);
  assert.notEqual(first.handle, second.handle);
  for (const [{ handle, lane }, count] of [
    [first, 10],
    [second, 20],
  ] as const) {
    assert.equal(produce(lane.id, handle, 0, lane.fill(Array.from({ length: count }, () => ({ epoch: count }))), 0), count);
  }
  assert.equal(await close(first.handle, FLUSH_MS), true);
  assert.equal(produce(first.lane.id, second.handle, 0, 5, 0), 5);
  assert.equal(await flush(second.handle, FLUSH_MS), true);
  assert.equal(first.table.totals.delivered, 10);
  assert.equal(second.table.totals.delivered, 25);
  assert.equal(first.table.outstanding(20) + second.table.outstanding(20), 0);
  assert.throws(() => produce(first.lane.id, first.handle, 0, 1, 0), { code: 'PRODUCER_CLOSED' });
  await assert.rejects(flush(first.handle, 0), { code: 'PRODUCER_CLOSED' });
});

test('statistics, errors and log lines come in batches', async (t) => {
  const cluster = startCluster(t);
  const { handle, lane } = startProducer(t, cluster.bootstrapServers, { 'statistics.interval.ms': '50' });
  const events: NativeEvent[] = [];
  const collect = (wanted: NativeEvent['kind']) => {
    const look = (): NativeEvent | undefined => {
      events.push(...takeEvents(handle));
      return events.find((event) => event.kind === wanted);
    };
    return until(look, { what: `an event of kind ${wanted}` });
  };
  produce(lane.id, handle, 0, lane.fill([{}]), 0);
  const stats = await collect('stats');
  assert.equal(stats.kind === 'stats' && (JSON.parse(stats.json) as { type: string }).type, 'producer');
  assert.equal(await flush(handle, FLUSH_MS), true);
  cluster.setBrokerDown(1);
  const error = await collect('error');
  assert.ok(error.kind === 'error' && !error.fatal && error.code < 0 && error.name.startsWith('_'), JSON.stringify(error));
  const log = await collect('log');
  assert.ok(log.kind === 'log' && log.level <= 6 && log.facility !== '' && log.message !== '', JSON.stringify(log));
});

test('the stamps file has every delivered message with its key and a time of the monotonic clock', async (t) => {
  const cluster = startCluster(t);
  const path = join(tempDir(t), 'stamps');
  const table = new TestTable();
  const handle = createProducer({ config: { 'bootstrap.servers': cluster.bootstrapServers }, delivery: table.words, stampsPath: path });
  addTopic(handle, 't', 1, 0, TOPIC_BYTES);
  acknowledgeFirst(table.words, 1);
  const lane = new TestLane();
  const before = monotonicNanos();
  const numbers = [1n, 9_007_199_254_740_993n, -5n, 0n];
  const keys = ['{"id":1}', '{"id":9007199254740993,"b":2}', '{"id":-5}', null];
  assert.equal(produce(lane.id, handle, 0, lane.fill(keys.map((key) => ({ key }))), 0), keys.length);
  assert.equal(await close(handle, FLUSH_MS), true);
  const after = monotonicNanos();
  const stamps = readFileSync(path);
  assert.equal(stamps.length, keys.length * 16);
  for (const [index, number] of numbers.entries()) {
    assert.equal(stamps.readBigInt64LE(index * 16), number);
    const nanos = stamps.readBigInt64LE(index * 16 + 8);
    assert.ok(before < nanos && nanos < after);
  }
});

test('a locked file is refused to every other call and process until it is unlocked', (t) => {
  const path = join(tempDir(t), 'lock');
  const own = lockFile(path);
  assert.ok(own !== null);
  assert.equal(lockFile(path), null);
  const other = () => spawnSync('flock', ['-n', path, 'true']).status;
  assert.equal(other(), 1);
  own.unlock();
  own.unlock();
  assert.equal(other(), 0);
  const again = lockFile(path);
  assert.ok(again !== null);
  again.unlock();
  assert.throws(() => lockFile(join(path, 'below-a-file')), { code: 'LOCK_FAILED', message: /below-a-file/ });
});

test('the clock is the one of process.hrtime, and librdkafka tells its version', () => {
  const before = process.hrtime.bigint();
  const now = monotonicNanos();
  assert.ok(before <= now && now <= process.hrtime.bigint());
  assert.match(librdkafkaVersion(), /^\d+\.\d+\.\d+/);
});
