import { secondsBetween } from '../measure/clock.ts';
import { runPairs } from '../measure/pairs.ts';
import { median, significant } from '../measure/statistics.ts';
import type { LoadedLog } from '../postgres/run.ts';
import { assertCount } from '../support/transfer.ts';
import { whenStreaming } from '../postgres/streaming.ts';
import { runProduct } from '../postgres/throughput.ts';
import { megabytes, summarize, type BenchResult, type Run } from '../report/result.ts';
import { withBroker, type Broker, type StartBroker } from '../support/broker.ts';
import { startService } from '../support/engine.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import { TopicWatch } from '../support/topic-watch.ts';

/** Of each topic. */
export const PARTITIONS = 4;
const START_DEADLINE_MS = 30_000;
const TRANSFER_DEADLINE_MS = 300_000;

/** A changefeed of a run: what it reads, from where, and into which topic. */
interface Lane {
  readonly log: LoadedLog;
  readonly slot: string;
  readonly topic: string;
  readonly watch: TopicWatch;
}

/**
 * Messages per second of one service with a changefeed for each of `parts`, from the first START_REPLICATION to the last message of the
 * slowest, beside one changefeed alone that reads as many rows from one database. Memory is that of all processes of the service.
 */
export async function benchChangefeeds(
  id: string,
  alone: LoadedLog,
  parts: readonly LoadedLog[],
  startBroker: StartBroker,
  count: number,
): Promise<BenchResult> {
  const pairs = await runPairs(
    count,
    () => withBroker(startBroker, async (broker) => await runTogether(parts, broker)),
    () => runProduct(alone, 'tcp', startBroker),
  );
  const reference = { name: 'one changefeed', runs: pairs.reference.map(({ value }) => value) };
  return summarize(id, 'rows/s', pairs.product, reference, {
    rows: rowsOf(parts),
    changefeeds: parts.length,
    rss_mb: megabytes(Math.max(...pairs.product.map(({ rssBytes }) => rssBytes))),
    reference_rss_mb: megabytes(Math.max(...pairs.reference.map(({ rssBytes }) => rssBytes))),
    reference_cpu_us_per_row: significant(median(pairs.reference.map(({ cpuUsPerRow }) => cpuUsPerRow ?? Number.NaN)), 3),
    others_busy_cores_max: pairs.othersBusyCores,
  });
}

async function runTogether(parts: readonly LoadedLog[], broker: Broker): Promise<Run> {
  const lanes: Lane[] = [];
  try {
    for (const log of parts) {
      const topic = await broker.createTopic(PARTITIONS);
      const slot = await log.database.copySlot(log.baseSlot);
      lanes.push({ log, slot, topic, watch: new TopicWatch(broker.bootstrapServers, topic, PARTITIONS) });
    }
    const changefeeds = lanes.map(({ log: { database }, slot, topic }) => {
      return { name: database.name, sourceUrl: database.url('tcp'), slot, topic };
    });
    const service = await startService(changefeeds, broker.bootstrapServers);
    try {
      return await measure(service, lanes);
    } catch (error) {
      throw service.explain(error);
    } finally {
      await service.kill();
    }
  } finally {
    for (const { log, slot, watch } of lanes) {
      watch.close();
      await log.database.dropSlot(slot);
    }
  }
}

async function measure(service: ObservedProcess, lanes: readonly Lane[]): Promise<Run> {
  const starts = lanes.map(({ log, slot }) => whenStreaming(service, log.database, slot, START_DEADLINE_MS));
  const { start } = await Promise.race(starts);
  const cpuAtStart = service.tree.cpuSeconds();
  await Promise.all(starts);
  const ends = await Promise.all(
    lanes.map(({ log, watch }) => watch.waitForCount(log.rows, TRANSFER_DEADLINE_MS, () => service.assertRunning())),
  );
  const cpuSeconds = service.tree.cpuSeconds() - cpuAtStart;
  await service.stop(0);
  for (const { log, watch } of lanes) await assertCount(watch, log.rows);
  const rows = rowsOf(lanes.map(({ log }) => log));
  const end = ends.reduce((last, one) => (one > last ? one : last));
  return { value: rows / secondsBetween(start, end), cpuUsPerRow: (cpuSeconds / rows) * 1e6, rssBytes: service.tree.peakBytes };
}

function rowsOf(logs: readonly LoadedLog[]): number {
  return logs.reduce((sum, { rows }) => sum + rows, 0);
}
