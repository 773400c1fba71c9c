import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EncoderPool, startEncoders } from '../../../engine/encode/pool.ts';
import { Control } from '../../../engine/ring/layout.ts';
import { until, within } from '../../support/wait.ts';
import { put } from '../ring/rings.ts';
import { MAXWELL, numberedTable, publish, withWorks, writeRow, writeSchema } from './workers.ts';

/** Ten times the second in which a changefeed is to hear of it. */
const DEADLINE_MS = 10_000;

const OPTIONS = {
  workers: 3,
  ringBytes: 65_536,
  largeBytes: 65_536,
  batch: { slabBytes: 65_536, messages: 16 },
  encoder: MAXWELL,
  producer: 0,
  delivery: new Int32Array(0),
};

/** Ways in which a worker can go without reporting it, in the order of `pool.thread.ts`. */
const END_NAMES = ['exit', 'memory', 'throw', 'return', 'hang'] as const;
type End = (typeof END_NAMES)[number];

/** Runs `work` on a pool whose workers go as soon as they are given a record. */
async function withPool(end: End, work: (pool: EncoderPool) => Promise<void>): Promise<void> {
  const pool = startEncoders({ ...OPTIONS, producer: END_NAMES.indexOf(end) }, new URL('./pool.thread.js', import.meta.url));
  try {
    await work(pool);
  } finally {
    await pool.terminate();
  }
}

/** Fills a ring, and gives the worker all of it. */
function fill(pool: EncoderPool, worker: number): void {
  const ring = pool.rings[worker]!;
  for (let number = 0; put(ring, number, 8192); number++);
  ring.publishTo(ring.position);
}

const DEATHS: readonly (readonly [End, RegExp])[] = [
  ['exit', /encoder worker 2 of 3 ended by itself with exit code 3/],
  ['memory', /encoder worker 2 of 3 died: .*memory/],
  ['throw', /encoder worker 2 of 3 died: beyond repair/],
  ['return', /encoder worker 2 of 3 ended by itself with exit code 0/],
];

for (const [end, message] of DEATHS) {
  test(`a worker that ends by ${end} fails the pool, whoever waits for its room, and the end`, async () => {
    await withPool(end, async (pool) => {
      const room = assert.rejects(
        async () => {
          fill(pool, 1);
          await pool.rings[1]!.waitForRoom(8192);
        },
        { code: 'ENCODER_DIED', message },
      );
      await within(assert.rejects(pool.failed, { code: 'ENCODER_DIED', message, details: { worker: 1 } }), DEADLINE_MS, 'the failure');
      await within(room, DEADLINE_MS, 'the wait for room to end');
      await within(assert.rejects(pool.end(), { code: 'ENCODER_DIED', message }), DEADLINE_MS, 'the end');
    });
  });
}

test('a worker whose script cannot be loaded is one that died', async () => {
  const pool = startEncoders({ ...OPTIONS, workers: 1 }, new URL('./no-such.thread.js', import.meta.url));
  const error = { code: 'ENCODER_DIED', message: /Cannot find module/ };
  await within(assert.rejects(pool.started(), error), DEADLINE_MS, 'the start to fail');
  await within(assert.rejects(pool.failed, error), DEADLINE_MS, 'the failure');
  await pool.terminate();
});

test('a worker that does not listen is ended all the same', async () => {
  await withPool('hang', async (pool) => {
    fill(pool, 0);
    const [ring] = pool.rings;
    const room = assert.rejects(ring!.waitForRoom(8192), { code: 'STOPPED' });
    await until(() => ring!.used < ring!.capacity, { what: 'the worker to begin', deadlineMs: DEADLINE_MS });
    await within(pool.terminate(), DEADLINE_MS, 'the workers to be terminated');
    await within(room, DEADLINE_MS, 'the wait for room to end');
  });
});

test('an encoder worker that meets an impossible row leaves its own error, and the others go on', async () => {
  await withWorks({ partitions: [3], workers: 3 }, async ({ pool, delivery }) => {
    const [first, second, third] = pool.rings;
    await writeRow(second!, { operation: 'insert', key: '1', new: ['1', 'a'], schemaId: 77 }, { topic: 0, partition: 1, target: 1 });
    publish(second!);
    await within(assert.rejects(pool.failed, { code: 'INTERNAL', message: /schema 77/ }), DEADLINE_MS, 'the failure');
    for (const [ring, partition] of [
      [first!, 0],
      [third!, 2],
    ] as const) {
      await writeSchema(ring, numberedTable(1));
      await writeRow(ring, { operation: 'insert', key: '1', new: ['1', 'a'] }, { topic: 0, partition, target: partition });
      publish(ring);
      await within(ring.waitUntilPassed(ring.position), DEADLINE_MS, 'the other workers');
    }
    assert.equal(delivery.target(1).messages + delivery.target(1).inFlight, 0);
    await assert.rejects(pool.end(), { code: 'INTERNAL', message: /schema 77/ });
  });
});

test('a pool has started when every worker waits for rows', async () => {
  await withWorks({ partitions: [1], workers: 3 }, async ({ pool }) => {
    await within(pool.started(), DEADLINE_MS, 'the workers to start');
    for (const ring of pool.rings) {
      const control = new Int32Array(ring.memory.control);
      await until(() => control[Control.readerSleeps] === 1, { what: 'a worker to sleep at its ring', deadlineMs: DEADLINE_MS });
    }
  });
});

test('ending a pool that has nothing to do is no failure', async () => {
  await withWorks({ partitions: [1], workers: 3 }, async ({ pool }) => {
    await within(pool.end(), DEADLINE_MS, 'the workers to end');
    assert.deepEqual(
      pool.counters(),
      Array.from({ length: 3 }, () => ({ rows: 0, valueBytes: 0, batches: 0, queueFull: 0 })),
    );
    const state = await Promise.race([pool.failed.catch(() => 'failed'), Promise.resolve('sound')]);
    assert.equal(state, 'sound');
  });
});

test('rows that are still held back when the pool ends are left, without being a failure', async () => {
  await withWorks({ partitions: [1], workers: 1 }, async ({ pool }) => {
    const ring = pool.rings[0]!;
    await writeSchema(ring, numberedTable(1));
    publish(ring);
    await writeRow(ring, { operation: 'insert', key: '1', new: ['1', 'a'] }, { topic: 0, partition: 0, target: 0 });
    await within(pool.end(), DEADLINE_MS, 'the worker to end');
    assert.equal(pool.counters()[0]!.rows, 0);
  });
});
