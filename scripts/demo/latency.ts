import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/wait.ts';
import type { DemoDatabase } from './database.ts';
import type { Tally } from './tally.ts';

const COMMITS = 1000;
/** Before them, while a broker that has just started still compiles its own code; read back and counted, and not measured. */
const WARM_UP = 400;
const PER_SECOND = 200;
/** Ids of the latency run's orders begin here. */
export const LATENCY_FIRST_ID = 1_000_000;

export interface LatencyResult {
  readonly commits: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Commits single rows at a steady rate; from the answer to the commit to the message's arrival in the reader. */
export async function measureLatency(database: DemoDatabase, tally: Tally): Promise<LatencyResult> {
  const committedMs: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < WARM_UP + COMMITS; i++) {
    const due = begin + (i * 1000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await delay(wait);
    await database.query(database.shop.latency, [LATENCY_FIRST_ID + i]);
    committedMs.push(performance.now());
  }
  await until(() => tally.versionsFrom(LATENCY_FIRST_ID).orders === WARM_UP + COMMITS, {
    deadlineMs: 15_000,
    what: `all ${WARM_UP + COMMITS} rows of the latency run`,
  });
  const latencies = committedMs.map((at, i) => (tally.firstSeenMs.get(LATENCY_FIRST_ID + i) ?? Number.NaN) - at).slice(WARM_UP);
  latencies.sort((a, b) => a - b);
  return { commits: WARM_UP + COMMITS, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

/** The reader may see a message before the commit's answer is here: that counts as no latency. */
function quantile(sorted: readonly number[], q: number): number {
  return Math.max(0, sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN);
}
