import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { now, pause, secondsBetween } from './clock.ts';

/** Seconds that one run waits at most, and that all waits of a bench run may take together. */
const WAIT_SECONDS_MAX = 10;
const TOTAL_SECONDS_MAX = 90;
const PROBE_MS = 1_000;
/** Cores' worth of work by others that is still called quiet. */
const QUIET_CORES = 0.15;

let waitedSeconds = 0;

/** Busy seconds of all cores since boot, from the text of `/proc/stat`: all of it but idle and I/O wait. */
export function parseBusySeconds(stat: string): number {
  const fields = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, steal = 0] = fields;
  return (user + nice + system + interrupt + softInterrupt + steal) / 100;
}

export function machineBusySeconds(): number {
  return parseBusySeconds(readFileSync('/proc/stat', 'latin1'));
}

/**
 * Waits until the machine has been nearly idle for a second, within a bound: a build beside a measurement is the usual reason for a
 * wrong figure. Returns the cores that were still busy when it gave up, 0 when it was quiet. The result of a run carries it.
 * `MILLRACE_BENCH_NO_WAIT=1` skips it, for runs whose figures do not matter.
 */
export async function waitForQuiet(): Promise<number> {
  if (process.env['MILLRACE_BENCH_NO_WAIT'] === '1') return 0;
  const start = now();
  for (;;) {
    const busy = await probe();
    if (busy < QUIET_CORES) return 0;
    const waited = secondsBetween(start, now());
    if (waited >= WAIT_SECONDS_MAX || waitedSeconds + waited >= TOTAL_SECONDS_MAX) {
      waitedSeconds += waited;
      return Math.min(availableParallelism(), Math.round(busy * 100) / 100);
    }
  }
}

async function probe(): Promise<number> {
  const busy = machineBusySeconds();
  const start = now();
  await pause(PROBE_MS);
  return (machineBusySeconds() - busy) / secondsBetween(start, now());
}
