import { assertRate } from '../latency/load.ts';
import type { Schedule } from '../latency/schedule.ts';
import { percentiles } from '../latency/stamps.ts';
import { runPairs } from '../measure/pairs.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult, type DetailValue } from '../report/result.ts';
import type { LoadedTable } from '../session.ts';
import { startMockBroker, withBroker } from '../support/broker.ts';
import { runBeside, type BesideRun } from './beside-run.ts';
import { REFERENCE_NAME, runCopy } from './reference.ts';
import { streamedIn } from './streamed.ts';

/** 20,000 rows a second, for as long as the table is read: two minutes would be a run that hangs. */
const SCHEDULE: Schedule = { rate: 1_000, rowsPerCommit: 20, warmUpSeconds: 5, measuredSeconds: 120 };

/**
 * Rows per second of a table that joins a changefeed while another table streams at a fixed rate, from the table's first COPY to its last
 * message at the broker, beside one COPY of it by psql on the server at rest. The details are the stream's: milliseconds from the writer's
 * receipt of a commit's answer to the delivery report of each of its rows, of the commits that were answered while the table was read.
 */
export async function benchBeside(id: string, table: LoadedTable, count: number): Promise<BenchResult> {
  const product = async () => {
    const run = await withBroker(startMockBroker, (broker) => runBeside(table, broker, SCHEDULE));
    return { ...run, stream: describeStream(run) };
  };
  const pairs = await runPairs(count, product, () => runCopy(table.database, 'tcp'));
  const reference = { name: REFERENCE_NAME, runs: pairs.reference.map((run) => table.rows / run.seconds) };
  const streams = pairs.product.map(({ stream }) => stream);
  // A median of percentiles would be nobody's latency: the details are those of the run with the worst tail.
  const worst = streams.reduce((a, b) => (Number(b['p99']) > Number(a['p99']) ? b : a));
  return summarize(id, 'rows/s', pairs.product, reference, {
    rows: table.rows,
    ...worst,
    p99_runs: streams.map((stream) => Number(stream['p99'])),
    rows_per_commit: SCHEDULE.rowsPerCommit,
    reference_cpu_us_per_row: significant(median(pairs.reference.map((run) => (run.cpuSeconds / table.rows) * 1e6)), 3),
    others_busy_cores_max: pairs.othersBusyCores,
  });
}

function describeStream({ read, before, load, times }: BesideRun): Record<string, DetailValue> {
  const during = streamedIn(read, SCHEDULE, load.times, times);
  assertRate(during.commitsPerSecond, SCHEDULE.rate);
  const alone = streamedIn(before, SCHEDULE, load.times, times);
  return {
    ...percentiles('', during.latencyMs),
    ...percentiles('commit_', during.commitMs),
    ...percentiles('before_', alone.latencyMs),
    commits_per_second: significant(during.commitsPerSecond),
    measured_rows: during.latencyMs.length,
    generator_cpu_seconds: significant(load.cpuSeconds, 3),
  };
}
