import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeakyBucket } from '../../../engine/base/leaky-bucket.ts';

test('what comes no quicker than it leaks leaves nothing, whatever the time', () => {
  const bucket = new LeakyBucket(10, 1_000);
  for (let ms = 1; ms < 1_000; ms++) assert.equal(bucket.add(10, 5_000 + ms), 10);
});

test('what is beyond the rate adds up to the limit, and leaks away', () => {
  const bucket = new LeakyBucket(10, 1_000);
  assert.equal(bucket.add(200, 100), 200);
  assert.equal(bucket.add(200, 105), 350);
  assert.equal(bucket.add(5_000, 105), 1_000);
  assert.equal(bucket.add(0, 155), 500);
  assert.equal(bucket.add(0, 10_000), 0);
});
