import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from '../../../engine/dispatch/row-place.ts';

test('two places over one epoch count its rows together, and nothing else', () => {
  const epoch = { slot: 3, rows: 0 };
  const [one, other] = [placeOf(epoch, 0), placeOf(epoch, 2)];
  one.epoch.rows += 1;
  one.xoffset += 1;
  assert.deepEqual([other.epoch.rows, other.xoffset, one.flags, other.flags], [1, 0, 0, 2]);
});
