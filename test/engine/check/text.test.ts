import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesText, countText, timeText } from '../../../engine/check/text.ts';

test('counts with their noun', () => {
  assert.deepEqual(
    [0, 1, 1234].map((count) => countText(count, 'table')),
    ['0 tables', '1 table', '1,234 tables'],
  );
});

test('sizes in powers of 1000, as options take them', () => {
  const sizes = [0, 999, 1000, 1_550, 139_264, 1_500_000_000, 2e15];
  assert.deepEqual(sizes.map(bytesText), ['0 bytes', '999 bytes', '1 kB', '1.6 kB', '139 kB', '1.5 GB', '2000 TB']);
});

test('times in the largest unit of which there are two', () => {
  assert.deepEqual([10, 119, 300, 7_300, 604_800].map(timeText), ['10 s', '119 s', '5 min', '2 h', '7 days']);
});
