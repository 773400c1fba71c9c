import type { Bench } from '../bench.ts';
import { ordersOfPostgres } from '../postgres/orders-source.ts';
import type { Session } from '../session.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { OrdersSource } from '../support/orders-source.ts';
import type { BenchResult } from '../report/result.ts';
import { benchLatency, PARTITIONS } from './latency.ts';

const COMMITS_PER_SECOND = 1_000;
const WARM_UP_SECONDS = 10;
const MEASURED_SECONDS = 30;
/** Without a digit: stamps are told apart by the first number in a key, and keys may name the database. */
const DATABASE = 'latency';

type Work = (source: OrdersSource, kafka: BenchKafka) => Promise<BenchResult>;
/** Runs `work` in a database of its own. */
type InDatabase = (session: Session, name: string, work: Work) => Promise<BenchResult>;

const IN_POSTGRES: InDatabase = (session, name, work) =>
  session.inDatabase(name, (database, kafka) => work(ordersOfPostgres(database), kafka));
const IN_MARIADB: InDatabase = (session, name, work) =>
  session.inBinlogDatabase('mariadb', name, (_, source, kafka) => work(source, kafka));

/** `latency.*`: 1,000 commits a second of one row and of ten. */
export const LATENCY_BENCHES: readonly Bench[] = [
  latency('postgres.1k', 1, IN_POSTGRES),
  latency('postgres.10k', 10, IN_POSTGRES),
  latency('mariadb.1k', 1, IN_MARIADB),
  latency('mariadb.10k', 10, IN_MARIADB),
];

function latency(name: string, rowsPerCommit: number, inDatabase: InDatabase): Bench {
  const id = `latency.${name}`;
  return {
    id,
    run: async (session) =>
      await inDatabase(session, DATABASE, async (source, kafka) => {
        await kafka.warmUp(PARTITIONS);
        const schedule = { rate: COMMITS_PER_SECOND, rowsPerCommit, warmUpSeconds: WARM_UP_SECONDS, measuredSeconds: MEASURED_SECONDS };
        return await benchLatency(id, source, kafka, schedule, session.runs(1));
      }),
  };
}
