import assert from 'node:assert/strict';
import test from 'node:test';
import { TABLE_END, Zone } from '../../../../engine/change/time/zone.ts';
import { dayOf } from '../../../../engine/change/time/civil.ts';

/** An hour forward at 1000, back at 100000. */
const SUMMER = new Zone({ starts: [1_000, 100_000], offsets: [3_600, 7_200, 3_600] });

test('an offset holds from its transition on', () => {
  for (const [at, offset] of [
    [-1e15, 3_600],
    [999, 3_600],
    [1_000, 7_200],
    [99_999, 7_200],
    [100_000, 3_600],
    [1e12, 3_600],
    [5_000, 7_200],
  ] as const) {
    assert.equal(SUMMER.offsetAt(at), offset, String(at));
  }
});

test('a clock time that is skipped counts from before the gap, one that comes twice is the first', () => {
  for (const [at, offset] of [
    [1_000 + 3_599, 3_600],
    [1_000 + 3_600, 3_600],
    [1_000 + 7_199, 3_600],
    [1_000 + 7_200, 7_200],
    [100_000 + 3_600, 7_200],
    [100_000 + 7_199, 7_200],
    [100_000 + 7_200, 3_600],
  ] as const) {
    assert.equal(SUMMER.offsetAtLocal(at), offset, String(at));
  }
});

test('what lies behind the table is as it was whole cycles of 400 years earlier', () => {
  assert.equal(TABLE_END, dayOf(2499, 1, 1) * 86_400);
  const cycle = 146_097 * 86_400;
  const start = TABLE_END - cycle + 1_000;
  const zone = new Zone({ starts: [start, start + 1_000], offsets: [0, 60, 0] });
  for (const cycles of [0, 1, 2, 700]) {
    assert.deepEqual(
      [-1, 0, 999, 1_000].map((second) => zone.offsetAt(start + cycles * cycle + second)),
      [0, 60, 60, 0],
    );
  }
  assert.equal(zone.offsetAt(TABLE_END - 1), 0);
});

test('a zone without transitions has one offset', () => {
  const zone = new Zone({ starts: [], offsets: [-19_800] });
  assert.deepEqual([zone.offsetAt(0), zone.offsetAtLocal(0), zone.offsetAt(TABLE_END + 1)], [-19_800, -19_800, -19_800]);
});
