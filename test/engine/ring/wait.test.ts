import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTROL_BYTES, Control } from '../../../engine/ring/layout.ts';
import { ReaderWaiters } from '../../../engine/ring/wait.ts';
import { within } from '../../support/wait.ts';

function control(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
}

/** What a reader does. */
function release(words: Int32Array, index: number): void {
  Atomics.store(words, Control.read, index);
  Atomics.notify(words, Control.read);
}

test('the reader is told the nearest of all marks, and each waiter goes on at its own', async () => {
  const words = control();
  const waiters = new ReaderWaiters(words, () => null);
  const order: number[] = [];
  const far = waiters.waitUntilPassed(300).then(() => order.push(300));
  assert.equal(words[Control.writerMark], 300);
  const near = waiters.waitUntilPassed(100).then(() => order.push(100));
  assert.equal(words[Control.writerMark], 100);
  assert.equal(words[Control.writerWaits], 1);
  await waiters.waitUntilPassed(0);
  release(words, 100);
  await within(near, 10_000, 'the near mark');
  assert.deepEqual(order, [100]);
  release(words, 400);
  await within(far, 10_000, 'the far mark');
  assert.deepEqual(order, [100, 300]);
  assert.equal(words[Control.writerWaits], 0);
});

test('marks order across the wrap of the index', async () => {
  const words = control();
  words[Control.read] = -16;
  const waiters = new ReaderWaiters(words, () => null);
  const behind = waiters.waitUntilPassed(8);
  const before = waiters.waitUntilPassed(-8);
  assert.equal(words[Control.writerMark], -8);
  release(words, -8);
  await within(before, 10_000, 'the mark before the wrap');
  release(words, 8);
  await within(behind, 10_000, 'the mark behind the wrap');
});

test('a lost wake-up costs latency and no hang', async () => {
  const words = control();
  const waiters = new ReaderWaiters(words, () => null);
  const passed = waiters.waitUntilPassed(8);
  Atomics.store(words, Control.read, 8);
  await within(passed, 10_000, 'a mark that was passed without a notify');
});

test('a failure rejects whoever still has to wait, and nobody else', async () => {
  const words = control();
  let failure: Error | null = null;
  const waiters = new ReaderWaiters(words, () => failure);
  const reached = waiters.waitUntilPassed(8);
  const never = waiters.waitUntilPassed(16);
  failure = new Error('dead');
  release(words, 8);
  await within(reached, 10_000, 'the mark that was reached');
  await assert.rejects(never, failure);
  await waiters.waitUntilPassed(8);
});
