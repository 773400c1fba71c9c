import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LetterCounts } from '../../../engine/encode/letter-counts.ts';

test('counts of all threads add up, by reason and by target', () => {
  const main = new LetterCounts();
  const worker = new LetterCounts(main.memory);
  assert.deepEqual(main.byReason(), {});
  worker.add('MESSAGE_TOO_LARGE', 3);
  main.add('MESSAGE_TOO_LARGE', 3);
  worker.add('TEXT_NOT_UTF8', -1);
  worker.add('ROW_TOO_LARGE', 8191);
  assert.deepEqual(main.byReason(), { MESSAGE_TOO_LARGE: 2, ROW_TOO_LARGE: 1, TEXT_NOT_UTF8: 1 });
  assert.deepEqual(
    [0, 3, 8191].map((target) => main.ofTarget(target)),
    [0, 2, 1],
  );
});
