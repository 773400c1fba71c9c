import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatRanges, parseRanges, RANGES } from '../../../engine/change/number-ranges.ts';

test('numbers are written as ranges, whatever their order', () => {
  assert.equal(formatRanges([]), '');
  assert.equal(formatRanges([5]), '5');
  assert.equal(formatRanges([10, 2, 0, 1, 3, 5]), '0-3,5,10');
  assert.deepEqual(parseRanges('0-3,5,10'), [0, 1, 2, 3, 5, 10]);
  assert.deepEqual(parseRanges(''), []);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(2000)), (numbers) => {
      const text = formatRanges(numbers);
      assert.match(text, RANGES);
      assert.deepEqual(
        parseRanges(text),
        numbers.toSorted((a, b) => a - b),
      );
    }),
  );
});
