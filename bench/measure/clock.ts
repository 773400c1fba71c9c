/**
 * CLOCK_MONOTONIC in nanoseconds: the clock of Node's `hrtime`, of the native bridge's stamps and of every process of the machine, so that
 * times taken in different processes can be subtracted.
 */
export function now(): bigint {
  return process.hrtime.bigint();
}

/** Seconds between two readings of `now`. */
export function secondsBetween(start: bigint, end: bigint): number {
  return Number(end - start) / 1e9;
}

/** Waits `milliseconds`; for polling a condition or a schedule, never as a guess that something has happened. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
