import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lagSecondsOf } from '../../engine/stats.ts';

test('the lag is the age of the oldest commit, 0 without one, and never below 0', () => {
  assert.equal(lagSecondsOf(1_000_000, 1_002_500), 2.5);
  assert.equal(lagSecondsOf(0, 1_002_500), 0);
  assert.equal(lagSecondsOf(1_002_500, 1_000_000), 0);
});
