import { secondsBetween } from '../measure/clock.ts';
import type { CommitTimes } from '../latency/commit-times.ts';
import type { Schedule } from '../latency/schedule.ts';
import { latencies, type RowTimes } from '../latency/stamps.ts';

/** A part of a load's time, on the monotonic clock. */
export interface Window {
  readonly start: bigint;
  readonly end: bigint;
}

/** What became of the commits that were answered in a window. */
export interface Streamed {
  readonly commitsPerSecond: number;
  /** From each commit's answer to the delivery report of each of its rows, ascending. */
  readonly latencyMs: Float64Array;
  /** From sending each commit to its answer, ascending. */
  readonly commitMs: Float64Array;
}

/** @param times of each row's report, by the row's number in the load */
export function streamedIn({ start, end }: Window, schedule: Schedule, { sent, answered }: CommitTimes, times: RowTimes): Streamed {
  const isIn = (commit: number) => answered[commit]! >= start && answered[commit]! <= end;
  const commits = [...answered.keys()].filter(isIn);
  return {
    commitsPerSecond: commits.length / secondsBetween(start, end),
    latencyMs: latencies(schedule, answered, times, isIn),
    commitMs: Float64Array.from(commits, (commit) => Number(answered[commit]! - sent[commit]!) / 1e6).sort(),
  };
}
