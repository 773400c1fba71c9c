import { runPairs } from '../measure/pairs.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import type { LoadedTable } from '../session.ts';
import { withBroker, type StartBroker } from '../support/broker.ts';
import { REFERENCE_NAME, runCopy } from './reference.ts';
import { runSnapshot } from './run.ts';

const PARTITIONS = 4;

/** Rows per second of a whole table into a broker, beside one COPY of it by psql over the same kind of socket. */
export async function benchSnapshot(
  id: string,
  { database, rows }: LoadedTable,
  startBroker: StartBroker,
  count: number,
): Promise<BenchResult> {
  const product = () =>
    withBroker(startBroker, async (broker) => {
      const topic = await broker.createTopic(PARTITIONS);
      const { bootstrapServers } = broker;
      return await runSnapshot({ database, rows, socket: 'tcp', bootstrapServers, topic, partitions: PARTITIONS });
    });
  const pairs = await runPairs(count, product, () => runCopy(database, 'tcp'));
  const reference = { name: REFERENCE_NAME, runs: pairs.reference.map((run) => rows / run.seconds) };
  return summarize(id, 'rows/s', pairs.product, reference, {
    rows,
    reference_cpu_us_per_row: significant(median(pairs.reference.map((run) => (run.cpuSeconds / rows) * 1e6)), 3),
    others_busy_cores_max: pairs.othersBusyCores,
  });
}
