import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Civil, dayOf } from '../../../../engine/change/time/civil.ts';

test('days and dates agree with another implementation, where that reaches', () => {
  const seconds = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });
  fc.assert(
    fc.property(seconds, (at) => {
      const civil = new Civil();
      civil.setSeconds(at);
      const date = new Date(at * 1000);
      const expected = [
        date.getUTCFullYear(),
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
        date.getUTCSeconds(),
      ];
      assert.deepEqual([civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second], expected);
      assert.equal(civil.seconds(), at);
    }),
    { numRuns: 5_000 },
  );
});

test('every day around a leap day, and the ends of PostgreSQL, are counted', () => {
  let day = dayOf(1899, 12, 31);
  const civil = new Civil();
  for (; day <= dayOf(2001, 1, 1); day++) {
    civil.setSeconds(day * 86_400);
    assert.equal(dayOf(civil.year, civil.month, civil.day), day);
  }
  assert.equal(dayOf(1970, 1, 1), 0);
  assert.equal(dayOf(2000, 3, 1) - dayOf(2000, 2, 29), 1);
  assert.equal(dayOf(1900, 3, 1) - dayOf(1900, 2, 28), 1);
  // Julian day 0 is 4714-11-24 BC, 2440588 days before 1970.
  assert.equal(dayOf(-4713, 11, 24), -2_440_588);
  civil.setSeconds(dayOf(294_276, 12, 31) * 86_400 + 86_399);
  assert.deepEqual([civil.year, civil.month, civil.day, civil.hour, civil.second], [294_276, 12, 31, 23, 59]);
});
