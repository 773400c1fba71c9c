/** First and longest pause before a restart, in milliseconds. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** A capture that streamed this long had recovered: its next failure begins with the shortest pause again. */
export const STEADY_MS = 60_000;

/**
 * Pause before restart number `attempt` (from 0): doubles up to 30 s; half of it is chance, so that many services
 * which lost the same broker do not come back in step. `random` is in [0, 1).
 */
export function restartDelayMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(whole / 2 + (whole / 2) * random);
}
