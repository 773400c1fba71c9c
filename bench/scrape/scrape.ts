import { now, pause, secondsBetween } from '../measure/clock.ts';
import { onCpuNanoseconds } from '../measure/process-tree.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { percentile, significant } from '../measure/statistics.ts';
import { assertCount } from '../support/transfer.ts';
import { whenStreaming } from '../postgres/streaming.ts';
import { summarize, type BenchResult, type DetailValue, type Run } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import { freePort } from '../../test/support/ports.ts';
import { scrapeEverySecond } from './scraper.ts';

const PARTITIONS = 12;
const SCRAPES = 60;
/** From the first message on, for what a start costs; and, after the scrapes, what the supervisor uses without them. */
const SETTLE_SECONDS = 3;
const BASELINE_SECONDS = 10;
const DEADLINE_MS = 600_000;

interface ScrapeRun extends Run {
  readonly detail: Readonly<Record<string, DetailValue>>;
}

/** A log that lasts longer than the scrapes, from a slot that is never read. */
export interface LongLog {
  readonly database: BenchDatabase;
  readonly baseSlot: string;
  readonly rows: number;
}

/**
 * Milliseconds of the supervisor's CPU for one answer to `/metrics`, asked for once a second while the log goes into 12 partitions at full
 * speed: what it used in that minute, less what it uses in as much time without scrapes.
 */
export async function benchScrape(id: string, log: LongLog, kafka: Broker, count: number): Promise<BenchResult> {
  const runs: ScrapeRun[] = [];
  for (let index = 0; index < count; index++) {
    const busy = await waitForQuiet();
    const run = await runOnce(log, kafka);
    runs.push({ ...run, detail: { ...run.detail, others_busy_cores: busy } });
  }
  const slowest = runs.reduce((a, b) => (Number(b.detail['slowest_ms']) > Number(a.detail['slowest_ms']) ? b : a));
  return summarize(id, 'ms', runs, null, slowest.detail);
}

async function runOnce(log: LongLog, kafka: Broker): Promise<ScrapeRun> {
  const { database, rows } = log;
  const { bootstrapServers } = kafka;
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(bootstrapServers, topic, PARTITIONS);
  const slot = await database.copySlot(log.baseSlot);
  const address = `127.0.0.1:${await freePort()}`;
  const options = { HTTP_ADDRESS: address };
  const engine = await startEngine({ sourceUrl: database.url('tcp'), slot, bootstrapServers, topic, options });
  try {
    await whenStreaming(engine, database, slot, DEADLINE_MS);
    await watch.waitForCount(1, DEADLINE_MS, () => engine.assertRunning());
    await pause(SETTLE_SECONDS * 1000);
    const detail = await measure(`http://${address}/metrics`, engine, watch, rows);
    await watch.waitForCount(rows, DEADLINE_MS, () => engine.assertRunning());
    await engine.stop(0);
    await assertCount(watch, rows);
    return { value: Number(detail['cpu_ms_per_scrape']), cpuUsPerRow: null, rssBytes: engine.tree.peakBytes, detail };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    await engine.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}

async function measure(url: string, engine: ObservedProcess, watch: TopicWatch, rows: number): Promise<Record<string, DetailValue>> {
  const first = await watch.count();
  const start = now();
  const scraped = await supervisorShare(engine, () => scrapeEverySecond(url, SCRAPES, () => engine.assertRunning()));
  const last = await watch.count();
  const seconds = secondsBetween(start, now());
  const alone = await supervisorShare(engine, () => pause(BASELINE_SECONDS * 1000));
  if ((await watch.count()) === rows) throw new Error(`${rows} rows were through before the scrapes were: give more --rows`);
  const times = Float64Array.from(scraped.result, ({ milliseconds }) => milliseconds).sort();
  const perScrape = ((scraped.share - alone.share) * scraped.seconds * 1000) / SCRAPES;
  return {
    cpu_ms_per_scrape: significant(perScrape),
    slowest_ms: significant(times.at(-1)!),
    p50_ms: significant(percentile(times, 0.5)),
    p90_ms: significant(percentile(times, 0.9)),
    first_ms: significant(scraped.result[0]!.milliseconds),
    scrapes: times.length,
    answer_bytes: scraped.result.at(-1)!.bytes,
    supervisor_percent: significant(scraped.share * 100, 3),
    supervisor_percent_without: significant(alone.share * 100, 3),
    rows_per_second: significant((last - first) / seconds),
    partitions: PARTITIONS,
  };
}

interface Share<T> {
  readonly result: T;
  /** Of one core. */
  readonly share: number;
  readonly seconds: number;
}

async function supervisorShare<T>(engine: ObservedProcess, action: () => Promise<T>): Promise<Share<T>> {
  const { root } = engine.tree;
  const cpuAtStart = onCpuNanoseconds(root);
  const start = now();
  const result = await action();
  const cpuSeconds = Number(onCpuNanoseconds(root) - cpuAtStart) / 1e9;
  const seconds = secondsBetween(start, now());
  return { result, share: cpuSeconds / seconds, seconds };
}
