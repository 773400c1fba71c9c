/** A load at a fixed rate that does not wait for the system under test: what is late stays due, and is counted as late. */
export interface Schedule {
  /** Commits per second. */
  readonly rate: number;
  /** Rows of each commit's one INSERT. */
  readonly rowsPerCommit: number;
  readonly warmUpSeconds: number;
  readonly measuredSeconds: number;
}

export function commitsOf(schedule: Schedule): number {
  return schedule.rate * (schedule.warmUpSeconds + schedule.measuredSeconds);
}

/** Index of the first commit whose latency counts. */
export function firstMeasured(schedule: Schedule): number {
  return schedule.rate * schedule.warmUpSeconds;
}

/** Nanoseconds from the schedule's start to when commit `index` is due. */
export function dueAfter(schedule: Schedule, index: number): bigint {
  return (BigInt(index) * 1_000_000_000n) / BigInt(schedule.rate);
}

/** First and last id of the rows that commit `index` inserts; ids count from 1. */
export function idsOf(schedule: Schedule, index: number): readonly [first: number, last: number] {
  return [index * schedule.rowsPerCommit + 1, (index + 1) * schedule.rowsPerCommit];
}

/** The commit that inserted row `id`. */
export function commitOf(schedule: Schedule, id: number): number {
  return Math.floor((id - 1) / schedule.rowsPerCommit);
}
