import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flush, produce, queueDepth } from '../../native-bridge/index.ts';
import { consume } from '../support/consume.ts';
import { skipUnless } from '../support/skip.ts';
import { startCluster, startProducer } from './fixture.ts';

/** How long the queue stays full. The full test takes a minute: MILLRACE_TEST_QUEUE_FULL_MS=60000. */
const FULL_MS = Number(process.env['MILLRACE_TEST_QUEUE_FULL_MS'] ?? 3000);
const FLUSH_MS = 60_000;
const WAIT_MS = 50;

test(`a queue that stays full for ${FULL_MS} ms takes a clean prefix, then exactly the rest`, { skip: skipUnless('kcat') }, async (t) => {
  const cluster = startCluster(t, 3);
  // Ends within a run of one partition, of which a part is taken.
  const room = 1050;
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': String(room) }, 3);
  const total = 3000;
  const partitionOf = (row: number) => Math.floor(row / 100) % 3;
  const count = lane.fill(Array.from({ length: total }, (_, row) => ({ value: String(row), partition: partitionOf(row), epoch: row % 7 })));
  cluster.setBrokerDown(1);

  let accepted = produce(lane.id, handle, 0, count, 0);
  assert.equal(accepted, room);
  const end = performance.now() + FULL_MS;
  const before = process.cpuUsage();
  for (let calls = 0; performance.now() < end; calls++) {
    assert.equal(produce(lane.id, handle, accepted, total - accepted, WAIT_MS), 0);
    assert.equal(table.totals.inFlight, room, `what was refused is taken back, call ${calls}`);
    assert.equal(queueDepth(handle).messages, room);
  }
  const used = process.cpuUsage(before);
  assert.ok(used.user + used.system < FULL_MS * 200, `waiting for ${FULL_MS} ms took ${used.user + used.system} us of CPU`);
  for (let epoch = 0; epoch < 7; epoch++) {
    assert.equal(table.outstanding(epoch), Math.ceil((room - epoch) / 7));
  }

  cluster.setBrokerUp(1);
  const deadline = performance.now() + FLUSH_MS;
  while (accepted < total) {
    assert.ok(performance.now() < deadline, `${accepted} of ${total} accepted`);
    accepted += produce(lane.id, handle, accepted, total - accepted, WAIT_MS);
    assert.ok(queueDepth(handle).messages <= room);
  }
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.deepEqual(table.totals, { delivered: total, failed: 0, purged: 0, inFlight: 0 });

  const records = await consume({ bootstrapServers: cluster.bootstrapServers, topic: 't' });
  for (const partition of [0, 1, 2]) {
    const rows = records.filter((record) => record.partition === partition).map((record) => Number(String(record.value)));
    assert.deepEqual(
      rows,
      Array.from({ length: total }, (_, row) => row).filter((row) => partitionOf(row) === partition),
    );
  }
});

test('bytes fill the queue too, and a wait ends as soon as there is room', async (t) => {
  const cluster = startCluster(t);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.kbytes': '1', 'linger.ms': '0' });
  const total = 100;
  const count = lane.fill(Array.from({ length: total }, (_, row) => ({ value: 'x'.repeat(300), epoch: row })));
  cluster.setRoundTrip(1, 20);
  // Far less than the rounds of 20 ms that the broker needs for 300 of 1024 bytes at a time: the wait must be one for all of them.
  assert.equal(produce(lane.id, handle, 0, count, FLUSH_MS), total);
  assert.equal(await flush(handle, FLUSH_MS), true);
  assert.equal(table.totals.delivered, total);
});
