import type { Client } from 'pg';

/** Publication of the one table; the slots of all throughput runs decode it. */
export const PUBLICATION = 'bench';

/**
 * The table of the throughput benches and how its rows are made: ten columns of the usual types, 210 bytes a row, so about 420 as a
 * message. Transactions are cut by the procedure itself, one statement each.
 */
const ORDERS_COLUMNS = `id bigint primary key, customer_id int, status varchar(16), amount numeric(12,2), note text,
  created_at timestamp, updated_at timestamp(6), flag boolean, qty int, region varchar(8)`;

const ORDERS_ROW = `n, (n*7919)%50000, (array['new','paid','shipped','delivered','cancelled'])[1+n%5], ((n*37)%1000000)/100.0,
  'Order '||n||', ref '||md5(n::text)||md5((n*3)::text)||', leave at the side door when nobody is home',
  now()::timestamp(0), clock_timestamp()::timestamp, n%2=0, n%90, (array['EMEA','APAC','AMER-N','AMER-S'])[1+n%4]`;

/** `insert into orders`, or a table like it, of the rows `first` to `last`, given as SQL expressions of type bigint. */
export function insertOrders(first: string, last: string, table = 'orders'): string {
  return `insert into ${table} select ${ORDERS_ROW} from generate_series(${first}, ${last}) n`;
}

/** Creates table and publication in the client's database. */
export async function createOrders(client: Client): Promise<void> {
  await client.query(`create table orders(${ORDERS_COLUMNS})`);
  await client.query(`create publication ${PUBLICATION} for table orders`);
}

/** Fills `orders` with the ids 1 to `rows`, `perTransaction` rows to a transaction. */
export async function loadOrders(client: Client, rows: number, perTransaction: number): Promise<void> {
  await client.query(`create procedure load_orders(a bigint, b bigint, tx bigint) language plpgsql as $$
    declare i bigint := a;
    begin
      while i <= b loop
        ${insertOrders('i', 'least(i+tx-1, b)')};
        commit;
        i := i + tx;
      end loop;
    end $$`);
  await client.query(`call load_orders(1, ${rows}, ${perTransaction})`);
}

/**
 * Updates `updates` rows of `orders`, one by one and far from each other, `perTransaction` to a transaction; `orders` holds the ids 1 to
 * `rows`. With REPLICA IDENTITY FULL the log has both rows whole.
 */
export async function touchOrders(client: Client, rows: number, updates: number, perTransaction: number): Promise<void> {
  await client.query('alter table orders replica identity full');
  await client.query(`create procedure touch_orders(b bigint, tx bigint) language plpgsql as $$
    begin
      for n in 1..b loop
        update orders set status = 'paid', qty = qty + 1, updated_at = clock_timestamp()::timestamp
          where id = 1 + (n::bigint * 7919) % ${rows};
        if n % tx = 0 then commit; end if;
      end loop;
    end $$`);
  await client.query(`call touch_orders(${updates}, ${perTransaction})`);
}
