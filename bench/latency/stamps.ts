import { percentile, significant } from '../measure/statistics.ts';
import { commitOf, commitsOf, firstMeasured, type Schedule } from './schedule.ts';

const STAMP_BYTES = 16;

/** When each row's message was acknowledged, by id, nanoseconds of the monotonic clock; 0 for a row without a message. */
export type RowTimes = BigInt64Array;

/**
 * Reads the native bridge's stamps: 16 bytes for each delivered message, its row's id and the time of its report, both i64 of this machine.
 * @param rows ids run from `first` to here
 * @throws Error when a row has no stamp or two, or an id is out of range: the run then does not count
 */
export function readStamps(file: Uint8Array, rows: number, first = 1): RowTimes {
  if (file.length % STAMP_BYTES !== 0) throw new Error(`the stamps file of ${file.length} bytes is cut off`);
  const words = new BigInt64Array(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
  const times = new BigInt64Array(rows + 1);
  for (let at = 0; at < words.length; at += 2) {
    const id = Number(words[at]);
    if (!(id >= first && id <= rows)) throw new Error(`a message of row ${id} was acknowledged, and only ${first} to ${rows} are wanted`);
    if (times[id] !== 0n) throw new Error(`row ${id} was acknowledged twice`);
    times[id] = words[at + 1]!;
  }
  const wanted = rows - first + 1;
  if (words.length / 2 !== wanted) throw new Error(`${words.length / 2} of ${wanted} rows were acknowledged`);
  return times;
}

/**
 * Milliseconds from the answer of each row's commit to `times` of the row, ascending; rows without a time are left out.
 * @param counts which commits count, by index; those after the warm-up by default
 */
export function latencies(
  schedule: Schedule,
  answers: BigInt64Array,
  times: RowTimes,
  counts: (commit: number) => boolean = (commit) => commit >= firstMeasured(schedule),
): Float64Array {
  const rows = commitsOf(schedule) * schedule.rowsPerCommit;
  const result = new Float64Array(rows);
  let count = 0;
  for (let id = 1; id <= rows; id++) {
    const time = times[id] ?? 0n;
    const commit = commitOf(schedule, id);
    if (time !== 0n && counts(commit)) result[count++] = Number(time - answers[commit]!) / 1e6;
  }
  return result.subarray(0, count).sort();
}

/** The usual percentiles of ascending values, their names beginning with `prefix`. */
export function percentiles(prefix: string, sorted: Float64Array): Record<string, number> {
  return {
    [`${prefix}p50`]: significant(percentile(sorted, 0.5), 3),
    [`${prefix}p90`]: significant(percentile(sorted, 0.9), 3),
    [`${prefix}p99`]: significant(percentile(sorted, 0.99), 3),
    [`${prefix}p999`]: significant(percentile(sorted, 0.999), 3),
    [`${prefix}max`]: significant(sorted.at(-1) ?? Number.NaN, 3),
  };
}
