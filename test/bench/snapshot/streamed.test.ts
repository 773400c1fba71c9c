import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitTimes } from '../../../bench/latency/commit-times.ts';
import { streamedIn } from '../../../bench/snapshot/streamed.ts';

const schedule = { rate: 2, rowsPerCommit: 2, warmUpSeconds: 0, measuredSeconds: 3 };
const ms = 1_000_000n;

test('what counts is what was answered in the window, each row by its own report', () => {
  const times = new CommitTimes(schedule);
  times.sent.set([1n * ms, 10n * ms, 20n * ms, 29n * ms]);
  times.answered.set([2n * ms, 14n * ms, 21n * ms, 31n * ms]);
  // Two more commits of the schedule were never sent. Of rows 3 and 4 the report of one came after the window.
  const reports = new BigInt64Array([0n, 3n * ms, 3n * ms, 15n * ms, 44n * ms, 22n * ms, 24n * ms, 33n * ms, 34n * ms]);
  const window = { start: 10n * ms, end: 30n * ms };
  assert.deepEqual(streamedIn(window, schedule, times, reports), {
    commitsPerSecond: 100,
    latencyMs: Float64Array.of(1, 1, 3, 30),
    commitMs: Float64Array.of(1, 4),
  });
});
