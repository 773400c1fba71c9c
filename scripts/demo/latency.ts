import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { until } from '../../test/support/wait.ts';
import type { Tally } from './tally.ts';

const COMMITS = 1000;
const PER_SECOND = 200;
/** Ids of the latency run's orders begin here. */
export const LATENCY_FIRST_ID = 1_000_000;

export interface LatencyResult {
  readonly commits: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Commits single rows at a steady rate; from the answer to the commit to the message's arrival in the reader. */
export async function measureLatency(database: pg.Client, tally: Tally): Promise<LatencyResult> {
  const committedMs: number[] = [];
  const begin = performance.now();
  for (let i = 0; i < COMMITS; i++) {
    const due = begin + (i * 1000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await delay(wait);
    await database.query({
      name: 'latency',
      text: "INSERT INTO shop.orders VALUES ($1, 1, 'tea-1', 1, 'new', 'latency')",
      values: [LATENCY_FIRST_ID + i],
    });
    committedMs.push(performance.now());
  }
  await until(() => tally.firstSeenMs.has(LATENCY_FIRST_ID + COMMITS - 1) && tally.versionsFrom(LATENCY_FIRST_ID).orders === COMMITS, {
    deadlineMs: 15_000,
    what: `all ${COMMITS} rows of the latency run`,
  });
  const latencies = committedMs.map((at, i) => (tally.firstSeenMs.get(LATENCY_FIRST_ID + i) ?? Number.NaN) - at).sort((a, b) => a - b);
  return { commits: COMMITS, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

/** The reader may see a message before the commit's answer is here: that counts as no latency. */
function quantile(sorted: readonly number[], q: number): number {
  return Math.max(0, sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN);
}
