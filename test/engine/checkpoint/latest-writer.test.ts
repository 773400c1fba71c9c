import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestWriter } from '../../../engine/checkpoint/latest-writer.ts';
import { until } from '../../support/wait.ts';

test('what is given during a write becomes one write more, of the latest, and a failure is told to those who waited for it', async () => {
  const written: number[] = [];
  const ends: (() => void)[] = [];
  const begun = (count: number) => until(() => ends.length === count, { what: 'the write to begin' });
  const writer = new LatestWriter<number>(async (content) => {
    written.push(content);
    await new Promise<void>((resolve) => ends.push(resolve));
    if (content === 3) throw new Error('no room');
  });
  const first = writer.put(1);
  const others = [writer.put(2), writer.put(3)];
  assert.deepEqual(written, [1]);
  ends.shift()!();
  await first;
  const failed = assert.rejects(Promise.all(others), /no room/);
  await begun(1);
  ends.shift()!();
  await failed;
  assert.deepEqual(written, [1, 3]);
  const next = writer.put(4);
  let isSettled = false;
  const settled = writer.settled().then(() => {
    isSettled = true;
  });
  await begun(1);
  assert.equal(isSettled, false);
  ends.shift()!();
  await Promise.all([next, settled]);
  assert.deepEqual(written, [1, 3, 4], 'a failed content is not written again');
});
