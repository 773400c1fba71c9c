import type { Bench } from '../bench.ts';
import type { BenchResult } from '../report/result.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { benchIdle } from './idle.ts';
import { benchStart } from './start.ts';

type ServiceBench = (id: string, database: BenchDatabase, kafka: BenchKafka, count: number) => Promise<BenchResult>;

/** What the service costs when there is nothing to do, and how soon it does what there is. */
export const SERVICE_BENCHES: readonly Bench[] = [
  service('latency.start', 'start', 5, benchStart),
  service('idle.postgres', 'idle', 1, benchIdle),
];

function service(id: string, name: string, runs: number, bench: ServiceBench): Bench {
  return {
    id,
    run: async (session) => await session.inDatabase(name, (database, kafka) => bench(id, database, kafka, session.runs(runs))),
  };
}
