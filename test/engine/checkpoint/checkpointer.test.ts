import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Checkpointer } from '../../../engine/checkpoint/checkpointer.ts';
import { EpochTracker } from '../../../engine/checkpoint/epochs.ts';
import type { Position } from '../../../engine/change/position.ts';
import { lsnOf } from '../../support/lsn-of.ts';

/** A checkpointer over one ring whose rows are released at once, and a disk that answers when told. */
function bench(intervalMs = 0) {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const ring = { position: 0, hasPassed: () => true };
  const epochs = new EpochTracker({ words, base: 0, stride: 2, slots: 8, outstanding: 0, poisoned: 1 }, [ring]);
  const events: string[] = [];
  const disk: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const name = (position: Position) => lsnOf(position);
  const checkpointer = new Checkpointer({
    epochs,
    positionOf: ({ low }) => ({ kind: 'postgres', parts: [{ connection: 's', lsn: String(low) }] }),
    store: (position, rows) => {
      events.push(`store ${name(position)} (${rows} rows)`);
      return new Promise((resolve, reject) => disk.push({ resolve, reject }));
    },
    ack: (position) => events.push(`ack ${name(position)}`),
    intervalMs,
    onError: (error) => events.push(`failed: ${(error as Error).message}`),
  });
  const transaction = (end: number, rows = 1) => {
    epochs.begin(0, 0, 0);
    epochs.rows += rows;
    const slot = epochs.slot;
    words[slot * 2] = rows;
    epochs.commit(0, end);
    epochs.close(0);
    return () => (words[slot * 2] = 0);
  };
  return { checkpointer, events, disk, transaction };
}

test('nothing is stored before every message up to it is acknowledged by the broker', () => {
  const { checkpointer, events, transaction } = bench();
  const delivered = [transaction(10), transaction(20)];
  checkpointer.tick(0);
  delivered[1]!();
  checkpointer.tick(1);
  assert.deepEqual(events, []);
  delivered[0]!();
  checkpointer.tick(2);
  assert.deepEqual(events, ['store 20 (2 rows)']);
});

test('nothing is confirmed to the source before it is durable', async () => {
  const { checkpointer, events, disk, transaction } = bench();
  transaction(10)();
  checkpointer.tick(0);
  await turn();
  assert.deepEqual(events, ['store 10 (1 rows)']);
  disk[0]!.resolve();
  await turn();
  assert.deepEqual(events, ['store 10 (1 rows)', 'ack 10']);
});

test('a store that fails confirms nothing and says so', async () => {
  const { checkpointer, events, disk, transaction } = bench();
  transaction(10)();
  checkpointer.tick(0);
  disk[0]!.reject(new Error('disk full'));
  await turn();
  assert.deepEqual(events, ['store 10 (1 rows)', 'failed: disk full']);
});

test('one store at a time, the newest position next, and not more often than the interval', async () => {
  const { checkpointer, events, disk, transaction } = bench(500);
  transaction(10)();
  checkpointer.tick(0);
  transaction(20)();
  transaction(30)();
  checkpointer.tick(600);
  assert.deepEqual(events, ['store 10 (1 rows)'], 'the first is still being written');
  disk[0]!.resolve();
  await turn();
  checkpointer.tick(400);
  assert.equal(events.length, 2, 'too early');
  checkpointer.tick(600);
  assert.deepEqual(events, ['store 10 (1 rows)', 'ack 10', 'store 30 (3 rows)']);
});

test('a flush stores what came while another store was under way', async () => {
  const { checkpointer, events, disk, transaction } = bench(10_000);
  transaction(10)();
  checkpointer.tick(0);
  transaction(20)();
  const flushed = checkpointer.flush(1);
  disk[0]!.resolve();
  await turn();
  disk[1]!.resolve();
  await flushed;
  assert.deepEqual(events, ['store 10 (1 rows)', 'ack 10', 'store 20 (2 rows)', 'ack 20']);
});

test('behind is zero only while all that was read is stored', async () => {
  const { checkpointer, disk, transaction } = bench();
  const delivered = transaction(10);
  checkpointer.tick(100);
  assert.equal(checkpointer.behindMs(350), 250);
  delivered();
  checkpointer.tick(400);
  assert.ok(checkpointer.behindMs(500) > 0, 'delivered, not stored');
  disk[0]!.resolve();
  await turn();
  checkpointer.tick(600);
  assert.equal(checkpointer.behindMs(600), 0);
});
