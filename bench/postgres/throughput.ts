import { waitForQuiet } from '../measure/quiet.ts';
import { median, significant } from '../measure/statistics.ts';
import { summarize, type BenchResult } from '../report/result.ts';
import type { Broker } from '../support/broker.ts';
import type { Socket } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import { REFERENCE_NAME, type ReferenceRun } from './reference.ts';
import { runOnReference, runSubject, type LoadedLog, type SubjectRun } from './run.ts';

const PARTITIONS = 4;

/** Options of the product, by their environment names without the prefix. */
export type EngineOptions = Readonly<Record<string, string>>;

/** Runs of the product and of `pg_recvlogical`, one after the other, and how busy others kept the machine meanwhile. */
export interface Pairs {
  readonly engine: readonly SubjectRun[];
  readonly reference: readonly ReferenceRun[];
  readonly othersBusyCores: number;
}

/** Messages per second from one slot into a broker, beside what `pg_recvlogical` reads from the same log over the same kind of socket. */
export async function benchThroughput(
  id: string,
  log: LoadedLog,
  socket: Socket,
  startBroker: () => Promise<Broker>,
  count: number,
  options: EngineOptions = {},
): Promise<BenchResult> {
  const pairs = await runPairs(log, socket, startBroker, count, options);
  const reference = { name: REFERENCE_NAME, runs: pairs.reference.map((run) => log.rows / run.seconds) };
  return summarize(id, 'rows/s', pairs.engine, reference, {
    rows: log.rows,
    value_bytes_mean: significant(median(pairs.engine.map((run) => run.meanValueBytes))),
    cpu_us_per_row_runs: pairs.engine.map((run) => significant(run.cpuUsPerRow ?? Number.NaN, 3)),
    walsender_cpu_us_per_row: significant(median(pairs.engine.map((run) => run.walsenderUsPerRow)), 3),
    reference_cpu_us_per_row: significant(median(pairs.reference.map((run) => (run.cpuSeconds / log.rows) * 1e6)), 3),
    others_busy_cores_max: pairs.othersBusyCores,
  });
}

/** Product, reference, product, reference ...: what slows the machine for a while slows both of a pair. */
export async function runPairs(
  log: LoadedLog,
  socket: Socket,
  startBroker: () => Promise<Broker>,
  count: number,
  options: EngineOptions = {},
): Promise<Pairs> {
  const engine: SubjectRun[] = [];
  const reference: ReferenceRun[] = [];
  let othersBusyCores = 0;
  const settle = async () => {
    othersBusyCores = Math.max(othersBusyCores, await waitForQuiet());
  };
  for (let pair = 0; pair < count; pair++) {
    const broker = await startBroker();
    try {
      const topic = await broker.createTopic(PARTITIONS);
      const { bootstrapServers } = broker;
      const start = (slot: string) => startEngine({ sourceUrl: log.database.url(socket), slot, bootstrapServers, topic, options });
      await settle();
      engine.push(await runSubject(log, { start, bootstrapServers, topic, partitions: PARTITIONS, exitCode: 0 }));
    } finally {
      await broker.release();
    }
    await settle();
    reference.push(await runOnReference(log, socket));
  }
  return { engine, reference, othersBusyCores };
}
