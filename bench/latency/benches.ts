import type { Bench } from '../bench.ts';
import { benchLatency, PARTITIONS } from './latency.ts';

const COMMITS_PER_SECOND = 1_000;
const WARM_UP_SECONDS = 10;
const MEASURED_SECONDS = 30;

/** `latency.*`: 1,000 commits a second of one row and of ten. */
export const LATENCY_BENCHES: readonly Bench[] = [latency('1k', 1), latency('10k', 10)];

function latency(name: string, rowsPerCommit: number): Bench {
  const id = `latency.postgres.${name}`;
  return {
    id,
    run: async (session) =>
      await session.inDatabase(`latency_${name}`, async (database, kafka) => {
        await kafka.warmUp(PARTITIONS);
        const schedule = { rate: COMMITS_PER_SECOND, rowsPerCommit, warmUpSeconds: WARM_UP_SECONDS, measuredSeconds: MEASURED_SECONDS };
        return await benchLatency(id, database, kafka, schedule, session.runs(1));
      }),
  };
}
