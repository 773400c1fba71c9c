import assert from 'node:assert/strict';
import test from 'node:test';
import { withDeadline } from '../../../engine/source/deadline.ts';

test('work that ends in time gives what it gives', async () => {
  assert.equal(await withDeadline(Promise.resolve(7), 60_000, 'work'), 7);
  await assert.rejects(withDeadline(Promise.reject(new RangeError('own')), 60_000, 'work'), RangeError);
});

test('work that does not end is a lost connection', async () => {
  await assert.rejects(withDeadline(new Promise(() => undefined), 10, 'the catalogue'), {
    code: 'CONNECTION_LOST',
    message: /the catalogue: no answer/,
  });
});

test('work that fails after its deadline fails for nobody', async () => {
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<void>((_, reject) => (fail = reject));
  await assert.rejects(withDeadline(work, 10, 'work'), { code: 'CONNECTION_LOST' });
  fail(new Error('late'));
  // An unhandled rejection would end the process here.
  await new Promise((resolve) => setImmediate(resolve));
});
