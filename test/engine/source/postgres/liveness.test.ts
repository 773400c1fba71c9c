import assert from 'node:assert/strict';
import test from 'node:test';
import { judgeSilence, statusIntervalMs } from '../../../../engine/source/postgres/liveness.ts';

test('the server hears from us three times within its limit, and every 10 s without one', () => {
  assert.equal(statusIntervalMs(0), 10_000);
  assert.equal(statusIntervalMs(60_000), 10_000);
  assert.equal(statusIntervalMs(3_600_000), 10_000);
  assert.equal(statusIntervalMs(1_000), 333);
  for (const timeout of [1, 10, 100, 1_000, 30_000]) assert.ok(statusIntervalMs(timeout) > 0);
});

test('silence is first waited out, then asked about, then looked into', () => {
  const steps = [0, 19_999, 20_000, 29_999, 30_000, 1e9].map((silentMs) => judgeSilence(silentMs, 10_000));
  assert.deepEqual(steps, ['wait', 'wait', 'ask', 'ask', 'probe', 'probe']);
});

test('a short limit of the server does not make a busy second suspicious', () => {
  assert.equal(judgeSilence(1_500, statusIntervalMs(100)), 'wait');
  assert.equal(judgeSilence(3_000, statusIntervalMs(100)), 'probe');
});
