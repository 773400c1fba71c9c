import { words } from '../base/remedy.ts';
import type { ClockReading } from '../source/clock-reading.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/** Beyond this, times of the database and of this machine cannot be read side by side. */
const CLOCK_MS_MAX = 1_000;

/** Whether times of the database compare with ours. */
export function tellClock({ aheadMs, uncertainMs }: ClockReading, steps: Steps<SourceStep>): void {
  const found = `the database's clock is ${Math.abs(Math.round(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(aheadMs) - uncertainMs <= CLOCK_MS_MAX) return steps.pass('clock', found);
  steps.warn('clock', `${found}: times in logs and messages do not compare`, [
    words('keep both by NTP (chronyc tracking, timedatectl status); exact rows do not depend on it'),
  ]);
}
