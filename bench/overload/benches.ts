import type { Bench } from '../bench.ts';
import { BenchDatabase } from '../support/database.ts';
import { benchOverload } from './overload.ts';

/** At 1 MB/s they take ten minutes. */
const ROWS = 1_500_000;

/** `overload.*`: a broker that takes less than the database sends. */
export const OVERLOAD_BENCHES: readonly Bench[] = [
  {
    id: 'overload.postgres',
    optIn: true,
    run: async (session) => {
      const database = await BenchDatabase.create(await session.postgres(), 'overload');
      try {
        return await benchOverload('overload.postgres', database, session.rows(ROWS), session.runs(1));
      } finally {
        await database.drop();
      }
    },
  },
];
