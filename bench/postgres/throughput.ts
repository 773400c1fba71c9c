import { runPairs } from '../measure/pairs.ts';
import { median, pairRatios, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import { besideReference, cpuOf, describeRuns } from '../support/beside-reference.ts';
import { startMockBroker, withBroker, type StartBroker } from '../support/broker.ts';
import type { Socket } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import type { SubjectRun } from '../support/transfer.ts';
import { REFERENCE_NAME } from './reference.ts';
import { runOnLog, runOnReference, type LoadedLog } from './run.ts';

const PARTITIONS = 4;

/** Options of the product, by their environment names without the prefix. */
export type EngineOptions = Readonly<Record<string, string>>;

/** Messages per second from one slot into a broker, beside what `pg_recvlogical` reads from the same log over the same kind of socket. */
export async function benchThroughput(
  id: string,
  log: LoadedLog,
  socket: Socket,
  startBroker: StartBroker,
  count: number,
  options: EngineOptions = {},
): Promise<BenchResult> {
  const reference = { name: REFERENCE_NAME, run: () => runOnReference(log, socket) };
  return await besideReference(id, log.rows, count, () => runProduct(log, socket, startBroker, options), reference);
}

/** The bench that a variant stands beside, and its broker. */
export interface Usual {
  readonly id: string;
  readonly startBroker: StartBroker;
}

const INTO_MOCK: Usual = { id: 'postgres.mock.tcp', startBroker: startMockBroker };

/** The product with `options` beside the product as it is shipped: what they cost. Both read by TCP and write into the same broker. */
export async function benchVariant(
  id: string,
  log: LoadedLog,
  count: number,
  options: EngineOptions,
  usual: Usual = INTO_MOCK,
): Promise<BenchResult> {
  const run = (chosen: EngineOptions) => runProduct(log, 'tcp', usual.startBroker, chosen);
  const pairs = await runPairs(
    count,
    () => run(options),
    () => run({}),
  );
  const reference = { name: usual.id, runs: pairs.reference.map(({ value }) => value) };
  const cpuRatios = pairRatios(pairs.product.map(cpuOf), pairs.reference.map(cpuOf));
  return summarize(id, 'rows/s', pairs.product, reference, {
    ...describeRuns(log.rows, pairs.product),
    reference_cpu_us_per_row: significant(median(pairs.reference.map(cpuOf)), 3),
    cpu_ratio: significant(median(cpuRatios), 3),
    cpu_ratios: cpuRatios.map((ratio) => significant(ratio, 3)),
    others_busy_cores_max: pairs.othersBusyCores,
  });
}

/** One run of the product into a topic of its own. */
export async function runProduct(
  log: LoadedLog,
  socket: Socket,
  startBroker: StartBroker,
  options: EngineOptions = {},
): Promise<SubjectRun> {
  return await withBroker(startBroker, async (broker) => {
    const { bootstrapServers } = broker;
    const topic = await broker.createTopic(PARTITIONS);
    const start = (slot: string) => startEngine({ sourceUrl: log.database.url(socket), slot, bootstrapServers, topic, options });
    return await runOnLog(log, { start, bootstrapServers, topic, partitions: PARTITIONS, exitCode: 0 });
  });
}
