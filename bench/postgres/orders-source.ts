import { SUPERUSER } from '../../test/support/postgres-install.ts';
import type { BenchDatabase } from '../support/database.ts';
import { startEngine } from '../support/engine.ts';
import type { OrdersSource } from '../support/orders-source.ts';
import { insertOrders } from '../support/orders.ts';
import { whenStreaming } from './streaming.ts';

/** PostgreSQL's `orders`, read over TCP; a mark is a slot, and a reading one of its copies. */
export function ordersOfPostgres(database: BenchDatabase): OrdersSource {
  const { server, name, client } = database;
  return {
    target: {
      kind: 'postgres',
      host: server.socketDir,
      port: server.port,
      user: SUPERUSER,
      database: name,
      insert: insertOrders('$1', '$2'),
    },
    empty: async () => void (await client.query('truncate orders')),
    insertAll: async (rows) => void (await client.query(insertOrders('1::bigint', `${rows}::bigint`))),
    mark: async () => {
      const base = await database.createSlot();
      return {
        open: async () => {
          const slot = await database.copySlot(base);
          return {
            startEngine: (target) => startEngine({ ...target, sourceUrl: database.url('tcp'), slot }),
            whenStreaming: (reader, deadlineMs) => whenStreaming(reader, database, slot, deadlineMs),
            close: () => database.dropSlot(slot),
          };
        },
        drop: () => database.dropSlot(base),
      };
    },
  };
}
