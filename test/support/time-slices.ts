import { readFileSync } from 'node:fs';
import { release } from 'node:os';

/** Nanoseconds of a thread's turn on a processor as `/proc/PID/sched` has it. */
export function timeSlice(sched: string = readFileSync('/proc/self/sched', 'utf8')): number {
  return Number(/^se\.slice +: +(\d+)$/m.exec(sched)?.[1]);
}

/** What `shortenTimeSlices` comes to on this machine: Linux has slices of a thread's own from 6.12 on. */
export function shortTimeSlice(): number {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 12) ? 100_000 : 0;
}
