import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../../engine/control/history.ts';

test('a history keeps five minutes and tells what came after a moment', () => {
  const history = new History();
  for (let second = 1; second <= 400; second++) {
    history.add({ atMs: second * 1000, rowsPerSecond: second, bytesPerSecond: 0, lagSeconds: 0 });
  }
  const all = history.since(0);
  assert.deepEqual([all.length, all[0]?.rowsPerSecond, all.at(-1)?.rowsPerSecond], [300, 101, 400]);
  assert.deepEqual(
    history.since(398_000).map(({ atMs }) => atMs),
    [399_000, 400_000],
  );
});
