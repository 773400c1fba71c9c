import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { flush, produce } from '../../native-bridge/index.ts';
import { tempDir } from '../support/temp.ts';
import { until, within } from '../support/wait.ts';
import { startCluster, startProducer } from './fixture.ts';
import { threadsCalled } from './threads.ts';
import type { WorkerTask } from './worker-fixture.ts';

const DEADLINE_MS = 60_000;

function start(task: WorkerTask): Worker {
  return new Worker(new URL('./worker-fixture.js', import.meta.url), { workerData: task });
}

test('workers and the main thread produce through one handle at the same time', async (t) => {
  const cluster = startCluster(t, 4);
  const { handle, table, lane } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': '5000' }, 4);
  const messages = 20_000;
  const workers = [1, 2, 3].map((partition) => start({ mode: 'all', handle, partition, messages }));
  const ended = workers.map((worker) => once(worker, 'exit'));
  const count = lane.fill(Array.from({ length: 500 }, () => ({ value: '0-000', partition: 0, epoch: 0 })));
  for (let sent = 0; sent < messages; sent += count) {
    for (let accepted = 0; accepted < count;) accepted += produce(lane.id, handle, accepted, count - accepted, 50);
  }
  assert.deepEqual(await within(Promise.all(ended), DEADLINE_MS, 'the workers'), [[0], [0], [0]]);
  assert.equal(await flush(handle, DEADLINE_MS), true);
  for (const partition of [0, 1, 2, 3]) {
    assert.equal(table.outstanding(partition), 0);
    assert.deepEqual(
      [table.target(partition).count, table.target(partition).offset, table.target(partition).inFlight],
      [messages, messages, 0],
    );
  }
  assert.deepEqual(table.totals, { delivered: 4 * messages, failed: 0, purged: 0, inFlight: 0 });
});

test('a worker that is terminated while it produces, waits or flushes leaves the handle in order', async (t) => {
  const cluster = startCluster(t, 2);
  const { handle, table } = startProducer(t, cluster.bootstrapServers, { 'queue.buffering.max.messages': '1000' }, 2);
  for (let round = 0; round < 5; round++) {
    // In every other round the queue is full, so that the worker sits in its native wait.
    if (round % 2 === 1) cluster.setBrokerDown(1);
    for (const mode of ['endless', 'flush', 'own'] as const) {
      const worker = start({ mode, handle, partition: 1, messages: 0 });
      await within(once(worker, 'message'), DEADLINE_MS, `the worker of mode ${mode}`);
      await within(worker.terminate(), DEADLINE_MS, `the end of the worker of mode ${mode}`);
    }
    // What flushed for ten minutes has gone too, and of the poll threads only the one of this thread's own handle is left.
    await until(() => threadsCalled('millrace-task') === 0 && threadsCalled('millrace-poll') === 1, { what: 'the end of the threads' });
    cluster.setBrokerUp(1);
    assert.equal(await flush(handle, DEADLINE_MS), true);
    assert.equal(table.outstanding(1), 0);
    assert.equal(table.totals.delivered, table.target(1).offset);
  }
  assert.deepEqual([table.totals.failed, table.totals.purged, table.totals.inFlight], [0, 0, 0]);
});

/** Runs `exit-fixture.ts`, which ends as `way` says, and checks how it ended. */
async function exitBy(way: string, status: number, ...more: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'exit-fixture.js'), way, ...more], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code, signal] = (await within(once(child, 'close'), DEADLINE_MS, `the end of the process by ${way}`)) as [
    number | null,
    string | null,
  ];
  assert.deepEqual([code, signal], [status, null], Buffer.concat(errors).toString());
}

for (const [way, status] of [
  ['end', 0],
  ['exit', 0],
  ['exit-with-workers', 0],
  ['exit-broker-down', 0],
  ['throw', 1],
] as const) {
  test(`a process that ends with messages in flight ends with status ${status}: ${way}`, async () => {
    for (let round = 0; round < 4; round++) await exitBy(way, status);
  });
}

test('process.exit joins the poll threads: what they had buffered is written', async (t) => {
  const path = join(tempDir(t), 'stamps');
  await exitBy('exit-after-delivery', 0, path);
  assert.equal(readFileSync(path).length, 1000 * 16);
});
