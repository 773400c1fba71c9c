import { ADMIN } from '../../test/support/mysql-install.ts';
import type { OrdersSource } from '../support/orders-source.ts';
import type { BinlogDatabase } from './database.ts';
import { INSERT_ORDERS, insertAllOrders } from './orders.ts';

/** `orders` of MariaDB or MySQL, read over TCP; a mark is the beginning of a new file of the log. */
export function ordersOfBinlog(database: BinlogDatabase): OrdersSource {
  const { server, name, client } = database;
  return {
    target: { kind: 'mysql', host: server.socketPath, port: server.port, user: ADMIN, database: name, insert: INSERT_ORDERS },
    empty: async () => void (await client.query('delete from orders')),
    insertAll: (rows) => insertAllOrders(client, rows),
    mark: async () => {
      const place = await database.newFile();
      return {
        open: async () => ({
          ...(await database.reading()),
          startEngine: (target) => database.startEngine(place, target),
        }),
        drop: () => Promise.resolve(),
      };
    },
  };
}
