import type { Bench } from '../bench.ts';
import type { BenchResult } from '../report/result.ts';
import type { BenchKafka } from '../support/broker.ts';
import type { BenchDatabase } from '../support/database.ts';
import { benchMemory } from './memory.ts';
import { benchWideRows } from './wide.ts';

type MemoryBench = (id: string, database: BenchDatabase, kafka: BenchKafka, rows: number, count: number) => Promise<BenchResult>;

/** `memory.*`: one transaction larger than memory, and a table of rows that are large. */
export const MEMORY_BENCHES: readonly Bench[] = [
  memory('memory.postgres.10m', 'memory', 10_000_000, benchMemory),
  memory('memory.postgres.wide', 'memory_wide', 200, benchWideRows),
];

/** In a database of its own, which goes with it: both are large. */
function memory(id: string, name: string, rows: number, bench: MemoryBench): Bench {
  return {
    id,
    run: async (session) =>
      await session.inDatabase(name, (database, kafka) => bench(id, database, kafka, session.rows(rows), session.runs(1))),
  };
}
