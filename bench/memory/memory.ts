import { now, pause, secondsBetween } from '../measure/clock.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { significant } from '../measure/statistics.ts';
import { megabytes, summarize, type BenchResult, type Run } from '../report/result.ts';
import { assertCount } from '../support/transfer.ts';
import type { Broker } from '../support/broker.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import type { LogMark, OrdersSource } from '../support/orders-source.ts';
import { TopicWatch } from '../support/topic-watch.ts';

const PARTITIONS = 4;
const PAUSE_SECONDS = 30;
/** The broker stops answering when so much of the transaction has arrived. */
const PAUSE_AT = 0.2;
/** A transaction comes whole or not at all: PostgreSQL spills it to disk before it sends the first row, from a binlog we do. */
const START_DEADLINE_MS = 600_000;

interface MemoryRun extends Run {
  readonly rowsPerSecond: number;
}

/** A broker that can be frozen in the middle of a run. */
export interface PausableBroker extends Broker {
  pause(): void;
  resume(): void;
}

/**
 * Peak memory of supervisor and capture while one transaction of `rows` rows goes through and the broker is frozen for half a minute in it:
 * neither the transaction's size nor a broker that takes nothing may make memory grow. MB of 10^6 bytes, sum of VmHWM.
 */
export async function benchMemory(
  id: string,
  source: OrdersSource,
  kafka: PausableBroker,
  rows: number,
  count: number,
): Promise<BenchResult> {
  const runs: MemoryRun[] = [];
  const mark = await source.mark();
  await source.insertAll(rows);
  for (let index = 0; index < count; index++) {
    await waitForQuiet();
    runs.push(await runOnce(mark, kafka, rows));
  }
  await mark.drop();
  return summarize(id, 'MB', runs, null, {
    rows,
    broker_paused_seconds: PAUSE_SECONDS,
    rows_per_second_without_pause: significant(Math.min(...runs.map((run) => run.rowsPerSecond))),
  });
}

async function runOnce(mark: LogMark, kafka: PausableBroker, rows: number): Promise<MemoryRun> {
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(kafka.bootstrapServers, topic, PARTITIONS);
  const reading = await mark.open();
  const engine = await reading.startEngine({ bootstrapServers: kafka.bootstrapServers, topic });
  try {
    await reading.whenStreaming(engine, START_DEADLINE_MS);
    const start = await watch.waitForCount(1, START_DEADLINE_MS, () => engine.assertRunning());
    const cpuAtStart = engine.tree.cpuSeconds();
    await watch.waitForCount(rows * PAUSE_AT, START_DEADLINE_MS, () => engine.assertRunning());
    await freeze(kafka, engine);
    const end = await watch.waitForCount(rows, START_DEADLINE_MS, () => engine.assertRunning());
    const cpuSeconds = engine.tree.cpuSeconds() - cpuAtStart;
    await engine.stop(0);
    await assertCount(watch, rows);
    return {
      value: megabytes(engine.tree.peakBytes),
      cpuUsPerRow: (cpuSeconds / rows) * 1e6,
      rssBytes: engine.tree.peakBytes,
      rowsPerSecond: rows / (secondsBetween(start, end) - PAUSE_SECONDS),
    };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    kafka.resume();
    await engine.kill();
    watch.close();
    await reading.close();
  }
}

async function freeze(kafka: PausableBroker, engine: ObservedProcess): Promise<void> {
  const frozen = now();
  kafka.pause();
  while (secondsBetween(frozen, now()) < PAUSE_SECONDS) {
    engine.assertRunning();
    await pause(100);
  }
  kafka.resume();
}
