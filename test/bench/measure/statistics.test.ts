import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, pairRatios, percentile, significant } from '../../../bench/measure/statistics.ts';

test('the median is the middle value, whatever the order', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([10, 9, 100]), 10);
  assert.ok(Number.isNaN(median([])));
});

test('percentiles are values that occurred, by nearest rank', () => {
  const values = Float64Array.from({ length: 1000 }, (_, index) => index + 1);
  assert.equal(percentile(values, 0.5), 500);
  assert.equal(percentile(values, 0.99), 990);
  assert.equal(percentile(values, 0.999), 999);
  assert.equal(percentile(values, 1), 1000);
  assert.equal(percentile(Float64Array.of(7), 0.5), 7);
  assert.ok(Number.isNaN(percentile(new Float64Array(0), 0.5)));
});

test('ratios are those of the pairs, not of the medians', () => {
  assert.deepEqual(pairRatios([10, 30], [20, 10]), [0.5, 3]);
  assert.throws(() => pairRatios([1], [1, 2]), RangeError);
});

test('large figures keep their digits, small ones lose noise', () => {
  assert.equal(significant(123_456.7), 123_457);
  assert.equal(significant(1.234_56), 1.235);
  assert.equal(significant(0.000_123_456, 3), 0.000_123);
  assert.equal(significant(Number.NaN), Number.NaN);
});
