import { now, pause, secondsBetween } from '../measure/clock.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { significant } from '../measure/statistics.ts';
import { megabytes, summarize, type BenchResult, type Run } from '../report/result.ts';
import { assertCount } from '../support/transfer.ts';
import { whenStreaming } from '../postgres/streaming.ts';
import type { Broker } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { insertOrders } from '../support/orders.ts';
import { TopicWatch } from '../support/topic-watch.ts';

const PARTITIONS = 4;
const DEADLINE_MS = 60_000;
/** From the first row's acknowledgement on: what the start has left behind is done and freed by then. */
const SETTLE_SECONDS = 10;
const MEASURED_SECONDS = 60;

interface IdleRun extends Run {
  readonly pssBytes: number;
}

/**
 * What one changefeed without changes costs, in per cent of a core over a minute, with Kafka and PostgreSQL at rest too; `detail.pss_mb` is
 * the memory of supervisor and capture at its end, what they share counted once.
 */
export async function benchIdle(id: string, database: BenchDatabase, kafka: Broker, count: number): Promise<BenchResult> {
  const runs: IdleRun[] = [];
  for (let index = 0; index < count; index++) {
    await database.client.query('truncate orders');
    await waitForQuiet();
    runs.push(await runOnce(database, kafka));
  }
  return summarize(id, '% of a core', runs, null, {
    cpu_percent: significant(Math.max(...runs.map((run) => run.value)), 3),
    pss_mb: megabytes(Math.max(...runs.map((run) => run.pssBytes))),
    measured_seconds: MEASURED_SECONDS,
  });
}

async function runOnce(database: BenchDatabase, kafka: Broker): Promise<IdleRun> {
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(kafka.bootstrapServers, topic, PARTITIONS);
  const slot = await database.createSlot();
  const engine = await startEngine({ sourceUrl: database.url('tcp'), slot, bootstrapServers: kafka.bootstrapServers, topic });
  try {
    await whenStreaming(engine, database, slot, DEADLINE_MS);
    await database.client.query(insertOrders('1::bigint', '1::bigint'));
    await watch.waitForCount(1, DEADLINE_MS, () => engine.assertRunning());
    await pause(SETTLE_SECONDS * 1000);
    const [start, cpuAtStart] = [now(), engine.tree.cpuSeconds()];
    await pause(MEASURED_SECONDS * 1000);
    const cpuSeconds = engine.tree.cpuSeconds() - cpuAtStart;
    const seconds = secondsBetween(start, now());
    const pssBytes = engine.tree.sharedBytes();
    await engine.stop(0);
    await assertCount(watch, 1);
    return { value: (cpuSeconds / seconds) * 100, cpuUsPerRow: null, rssBytes: engine.tree.peakBytes, pssBytes };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    await engine.kill();
    watch.close();
    await database.dropSlot(slot);
  }
}
