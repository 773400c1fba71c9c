import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockReading } from '../../../engine/source/clock-reading.ts';

test('the server looked at its clock between question and answer', () => {
  assert.deepEqual(clockReading(1_050, 1_000, 1_100), { aheadMs: 0, uncertainMs: 50 });
  assert.deepEqual(clockReading(3_000, 1_000, 1_000), { aheadMs: 2_000, uncertainMs: 0 });
});
