import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowPlace, setPlace } from '../../../engine/dispatch/row-place.ts';

test('two places over one epoch count its rows together, and nothing else', () => {
  const epoch = { slot: 3, rows: 0 };
  const [one, other] = [rowPlace(epoch, 0), rowPlace(epoch, 2)];
  one.epoch.rows += 1;
  one.xoffset += 1;
  assert.deepEqual([other.epoch.rows, other.xoffset, one.flags, other.flags], [1, 0, 0, 2]);
});

test('a place that is set has all of it', () => {
  const [epoch, next] = [
    { slot: 3, rows: 7 },
    { slot: 4, rows: 0 },
  ];
  const place = rowPlace(epoch, 2);
  place.threadId = 9;
  setPlace(place, next, 5, 1, 2, 3, 4);
  const transaction = { xidHigh: 5, xid: 1, commitMicrosHigh: 2, commitMicrosLow: 3, threadId: 0 };
  assert.deepEqual(place, { epoch: next, flags: 2, ...transaction, xoffset: 4 });
});
