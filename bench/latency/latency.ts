import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../../test/support/temp.ts';
import { waitForQuiet } from '../measure/quiet.ts';
import { significant } from '../measure/statistics.ts';
import { summarize, type BenchResult, type DetailValue, type Run } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import type { OrdersSource } from '../support/orders-source.ts';
import { TopicWatch } from '../support/topic-watch.ts';
import { Arrivals } from './arrivals.ts';
import type { GeneratorTask } from './generator.ts';
import { assertRate, Load, type LoadResult } from './load.ts';
import { commitsOf, type Schedule } from './schedule.ts';
import { latencies, percentiles, readStamps } from './stamps.ts';

export const PARTITIONS = 4;
const START_DEADLINE_MS = 30_000;
const DELIVERY_DEADLINE_MS = 60_000;

interface LatencyRun extends Run {
  readonly detail: Readonly<Record<string, DetailValue>>;
}

/**
 * Milliseconds from the generator's receipt of a commit's answer to that row's own delivery report, at a fixed rate of commits into real
 * Kafka.
 */
export async function benchLatency(
  id: string,
  source: OrdersSource,
  kafka: Broker,
  schedule: Schedule,
  count: number,
): Promise<BenchResult> {
  const runs: LatencyRun[] = [];
  for (let index = 0; index < count; index++) {
    const busy = await waitForQuiet();
    const run = await runOnce(source, kafka, schedule);
    runs.push({ ...run, detail: { ...run.detail, others_busy_cores: busy } });
  }
  // A median of percentiles would be nobody's latency: the details are those of the run with the worst tail.
  const worst = runs.reduce((a, b) => (Number(b.detail['p99']) > Number(a.detail['p99']) ? b : a));
  return summarize(id, 'ms', runs, null, worst.detail);
}

async function runOnce(source: OrdersSource, kafka: Broker, schedule: Schedule): Promise<LatencyRun> {
  const rows = commitsOf(schedule) * schedule.rowsPerCommit;
  const directory = tempDir();
  const stamps = join(directory, 'stamps');
  await source.empty();
  const topic = await kafka.createTopic(PARTITIONS);
  const watch = new TopicWatch(kafka.bootstrapServers, topic, PARTITIONS);
  const arrivals = await Arrivals.watch(kafka.bootstrapServers, topic, rows);
  const mark = await source.mark();
  const reading = await mark.open();
  const engine = await reading.startEngine({ bootstrapServers: kafka.bootstrapServers, topic, stamps });
  try {
    await reading.whenStreaming(engine, START_DEADLINE_MS);
    const load = await generate({ schedule, target: source.target, timesPath: join(directory, 'times') }, engine);
    await watch.waitForCount(rows, DELIVERY_DEADLINE_MS, () => engine.assertRunning());
    await engine.stop(0);
    await arrivals.close();
    const sorted = latencies(schedule, load.times.answered, readStamps(readFileSync(stamps), rows));
    // None where rows of one database share a partition, and it is another one than the consumer's.
    const arrived = latencies(schedule, load.times.answered, arrivals.times);
    const measuredRows = schedule.rate * schedule.measuredSeconds * schedule.rowsPerCommit;
    return {
      value: percentiles('', sorted)['p50']!,
      cpuUsPerRow: (load.engineCpuSeconds / measuredRows) * 1e6,
      rssBytes: engine.tree.peakBytes,
      detail: {
        ...percentiles('', sorted),
        ...(arrived.length === 0 ? {} : percentiles('consumer_', arrived)),
        ...percentiles('commit_', load.times.commitMs),
        commits_per_second: significant(load.times.achievedRate),
        rows_per_commit: schedule.rowsPerCommit,
        measured_rows: measuredRows,
        generator_cpu_seconds: significant(load.cpuSeconds, 3),
      },
    };
  } catch (error) {
    throw engine.explain(error);
  } finally {
    await engine.kill();
    await arrivals.close();
    watch.close();
    await reading.close();
    await mark.drop();
  }
}

interface GeneratedLoad extends LoadResult {
  /** CPU of the engine from the end of the warm-up to the last commit. */
  readonly engineCpuSeconds: number;
}

/** Runs the generator to its end. Throws when the rate was missed or the engine ended. */
async function generate(task: GeneratorTask, engine: ObservedProcess): Promise<GeneratedLoad> {
  const load = new Load(task);
  await load.warmedUp();
  const cpuAtStart = engine.tree.cpuSeconds();
  const result = await load.finished();
  const engineCpuSeconds = engine.tree.cpuSeconds() - cpuAtStart;
  engine.assertRunning();
  assertRate(result.times.achievedRate, task.schedule.rate);
  return { ...result, engineCpuSeconds };
}
