import { residentBytesOf } from '../../engine/control/process-usage.ts';
import { freePort } from '../../test/support/ports.ts';
import { Proxy } from '../../test/support/proxy.ts';
import { secondsBetween } from '../measure/clock.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { assertCount } from '../support/transfer.ts';
import { whenStreaming } from '../postgres/streaming.ts';
import { megabytes, summarize, type BenchResult, type Run } from '../report/result.ts';
import { BenchKafka } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { loadOrders } from '../support/orders.ts';
import { TopicWatch } from '../support/topic-watch.ts';

const PARTITIONS = 4;
const ROWS_PER_TRANSACTION = 1_000;
const BYTES_PER_SECOND = 1_000_000;
/** As messages are, so that the rate is one of rows. */
const OPTIONS = { COMPRESSION: 'none' };
/** The broker is slow until so many of the rows have passed; in the first minute of ten everything fills that can. */
const SLOW_SHARE = 0.9;
const FIRST_SHARE = 0.1;
const LISTENER = 'SLOW';
const START_DEADLINE_MS = 30_000;
const RUN_DEADLINE_MS = 1_800_000;

interface OverloadRun extends Run {
  readonly firstBytes: number;
  readonly laterBytes: number;
  readonly slowSeconds: number;
}

/**
 * Resident memory of supervisor and capture while a broker takes 1 MB/s of a log of `rows` rows: its peak after the first minute of ten
 * over the peak of that minute. Then the broker is as fast as it can be, and has to get every row once.
 */
export async function benchOverload(id: string, database: BenchDatabase, rows: number, count: number): Promise<BenchResult> {
  const slot = await database.createSlot();
  await loadOrders(database.client, rows, ROWS_PER_TRANSACTION);
  const proxyPort = await freePort();
  const kafka = await BenchKafka.start({ [LISTENER]: { protocol: 'PLAINTEXT', advertisedPort: proxyPort } });
  const proxy = await Proxy.start(Number(kafka.server.addressOf(LISTENER).split(':')[1]), proxyPort);
  const runs: OverloadRun[] = [];
  try {
    for (let index = 0; index < count; index++) {
      await waitForQuiet();
      runs.push(await runOnce(database, { kafka, proxy }, slot, rows));
    }
  } finally {
    await proxy.stop();
    await kafka.server.destroy();
    await database.dropSlot(slot);
  }
  return summarize(id, 'x', runs, null, {
    rows,
    rss_first_minute_mb: megabytes(median(runs.map((run) => run.firstBytes))),
    rss_later_mb: megabytes(median(runs.map((run) => run.laterBytes))),
    slow_seconds: significant(median(runs.map((run) => run.slowSeconds)), 3),
    slow_rows_per_second: significant((rows * SLOW_SHARE) / median(runs.map((run) => run.slowSeconds)), 3),
  });
}

async function runOnce(
  database: BenchDatabase,
  { kafka, proxy }: { readonly kafka: BenchKafka; readonly proxy: Proxy },
  baseSlot: string,
  rows: number,
): Promise<OverloadRun> {
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(kafka.bootstrapServers, topic, PARTITIONS);
  const slot = await database.copySlot(baseSlot);
  proxy.limit(BYTES_PER_SECOND);
  const bootstrapServers = `127.0.0.1:${proxy.port}`;
  const engine = await startEngine({ sourceUrl: database.url('tcp'), slot, bootstrapServers, topic, options: OPTIONS });
  try {
    const { start } = await whenStreaming(engine, database, slot, START_DEADLINE_MS);
    const pids = engine.tree.pids();
    let peak = 0;
    const look = () => {
      engine.assertRunning();
      peak = Math.max(
        peak,
        pids.reduce((sum, pid) => sum + (residentBytesOf(pid) ?? 0), 0),
      );
    };
    await watch.waitForCount(rows * FIRST_SHARE, RUN_DEADLINE_MS, look);
    const firstBytes = peak;
    peak = 0;
    const end = await watch.waitForCount(rows * SLOW_SHARE, RUN_DEADLINE_MS, look);
    const laterBytes = peak;
    proxy.limit(null);
    await watch.waitForCount(rows, RUN_DEADLINE_MS, look);
    const cpuSeconds = engine.tree.cpuSeconds();
    await engine.stop(0);
    await assertCount(watch, rows);
    return {
      value: laterBytes / firstBytes,
      cpuUsPerRow: (cpuSeconds / rows) * 1e6,
      rssBytes: engine.tree.peakBytes,
      firstBytes,
      laterBytes,
      slowSeconds: secondsBetween(start, end),
    };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    proxy.limit(null);
    await engine.kill();
    watch.close();
    await kafka.release();
    await database.dropSlot(slot);
  }
}
