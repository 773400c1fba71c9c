import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitTimes } from '../../../bench/latency/commit-times.ts';

const schedule = { rate: 2, rowsPerCommit: 1, warmUpSeconds: 1, measuredSeconds: 1 };
const ms = 1_000_000n;

function times(): CommitTimes {
  const result = new CommitTimes(schedule);
  result.start = 100n * ms;
  // Due at 0, 500, 1000, 1500 ms; the third is answered after the fourth.
  result.sent.set([100n * ms, 600n * ms, 1_100n * ms, 1_600n * ms]);
  result.answered.set([900n * ms, 601n * ms, 2_100n * ms, 1_604n * ms]);
  return result;
}

test('rate and times are those of the measured part', () => {
  assert.equal(times().achievedRate, 2);
  assert.deepEqual([...times().commitMs], [4, 1_000]);
});

test('a late answer lowers the achieved rate', () => {
  const late = times();
  late.answered[2] = 3_100n * ms;
  assert.equal(late.achievedRate, 1);
});

test('times survive as words, of the same schedule only', () => {
  assert.deepEqual(new CommitTimes(schedule, times().words).answered, times().answered);
  assert.throws(() => new CommitTimes({ ...schedule, measuredSeconds: 2 }, times().words), /6 commits/);
});
