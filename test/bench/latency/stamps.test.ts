import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitOf, commitsOf, dueAfter, firstMeasured, idsOf } from '../../../bench/latency/schedule.ts';
import { latencies, percentiles, readStamps } from '../../../bench/latency/stamps.ts';

const schedule = { rate: 2, rowsPerCommit: 2, warmUpSeconds: 1, measuredSeconds: 1 };
const ms = 1_000_000n;

/** A stamps file of these ids, each 5 ms after the one before. */
function stampsOf(ids: readonly number[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(ids.flatMap((id, index) => [BigInt(id), BigInt(index + 1) * 5n * ms])).buffer);
}

test('a schedule deals rows to commits and commits to moments', () => {
  assert.deepEqual([commitsOf(schedule), firstMeasured(schedule)], [4, 2]);
  assert.deepEqual(
    [idsOf(schedule, 0), idsOf(schedule, 3)],
    [
      [1, 2],
      [7, 8],
    ],
  );
  assert.deepEqual(
    [1, 2, 3, 8].map((id) => commitOf(schedule, id)),
    [0, 0, 1, 3],
  );
  assert.equal(dueAfter(schedule, 3), 1_500_000_000n);
});

test("latency runs from the answer of a row's commit to the row's own stamp, warm-up left out", () => {
  const times = readStamps(stampsOf([1, 2, 3, 4, 6, 5, 7, 8]), 8);
  const answers = BigInt64Array.from([0n, 0n, 20n * ms, 30n * ms]);
  // Rows 6, 5, 7, 8 at 25, 30, 35, 40 ms; their commits were answered at 20, 20, 30, 30 ms.
  assert.deepEqual([...latencies(schedule, answers, times)], [5, 5, 10, 10]);
});

test('rows that a consumer did not see are left out of its latencies', () => {
  const times = new BigInt64Array(9);
  times[5] = 21n * ms;
  times[8] = 29n * ms;
  // Delivered before the generator saw its answer: negative, and kept so.
  assert.deepEqual([...latencies(schedule, BigInt64Array.from([0n, 0n, 20n * ms, 30n * ms]), times)], [-1, 1]);
});

test('a stamps file that misses a row, repeats one, names a foreign one or is cut off is refused', () => {
  assert.throws(() => readStamps(stampsOf([1, 2]), 3), /2 of 3 rows/);
  assert.throws(() => readStamps(stampsOf([1, 2, 2]), 3), /row 2 was acknowledged twice/);
  assert.throws(() => readStamps(stampsOf([1, 2, 4]), 3), /row 4/);
  assert.throws(() => readStamps(stampsOf([0]), 3), /row 0/);
  assert.throws(() => readStamps(stampsOf([1]).subarray(0, 15), 1), /cut off/);
});

test('percentiles carry their prefix', () => {
  assert.deepEqual(percentiles('commit_', Float64Array.of(1, 2)), {
    commit_p50: 1,
    commit_p90: 2,
    commit_p99: 2,
    commit_p999: 2,
    commit_max: 2,
  });
});
