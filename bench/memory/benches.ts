import type { Bench } from '../bench.ts';
import { BenchDatabase } from '../support/database.ts';
import { benchMemory } from './memory.ts';

const ROWS = 10_000_000;
const ID = 'memory.postgres.10m';

/** `memory.*`: one transaction larger than memory. */
export const MEMORY_BENCHES: readonly Bench[] = [
  {
    id: ID,
    run: async (session) => {
      const kafka = await session.kafka();
      const database = await BenchDatabase.create(await session.postgres(), 'memory');
      try {
        return await benchMemory(ID, database, kafka, session.rows(ROWS), session.runs(1));
      } finally {
        await kafka.release();
        await database.drop();
      }
    },
  },
];
