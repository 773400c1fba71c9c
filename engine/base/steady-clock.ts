/**
 * Milliseconds since 1970 that never step, for what is compared with another machine's clock again and again: the wall clock as it was when
 * this process began, and the monotonic time since.
 */
export function steadyClock(): number {
  return performance.timeOrigin + performance.now();
}
