import type { Bench } from '../bench.ts';
import { ROWS_PER_TRANSACTION } from '../session.ts';
import { loadOrders } from '../support/orders.ts';
import { benchScrape } from './scrape.ts';

/** They have to last for 75 s at full speed. */
const ROWS = 22_000_000;

/** `scrape.postgres`, in a database of its own, which goes with it: it is large. */
export const SCRAPE_BENCHES: readonly Bench[] = [
  {
    id: 'scrape.postgres',
    run: async (session) =>
      await session.inDatabase('scrape', async (database, kafka) => {
        const rows = session.rows(ROWS);
        const baseSlot = await database.createSlot();
        try {
          await loadOrders(database.client, rows, ROWS_PER_TRANSACTION);
          return await benchScrape('scrape.postgres', { database, baseSlot, rows }, kafka, session.runs(1));
        } finally {
          await database.dropSlot(baseSlot);
        }
      }),
  },
];
