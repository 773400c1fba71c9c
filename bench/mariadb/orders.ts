import type { Connection } from 'mysql2/promise';

/** The table of the throughput benches, as PostgreSQL's have it: ten columns of the usual types, 179 bytes a row in the log. */
const ORDERS_COLUMNS = `id bigint primary key, customer_id int, status varchar(16), amount decimal(12,2), note text,
  created_at timestamp null, updated_at timestamp(6) null, flag boolean, qty int, region varchar(8)`;

/** The values of row `n`. */
const ORDERS_ROW = `n, (n*7919)%50000, elt(1+n%5,'new','paid','shipped','delivered','cancelled'), ((n*37)%1000000)/100.0,
  concat('Order ',n,', ref ',md5(n),md5(n*3),', leave at the side door when nobody is home'), now(), now(6), n%2=0, n%90,
  elt(1+n%4,'EMEA','APAC','AMER-N','AMER-S')`;

/** Rows of one multi-row statement. */
export const ROWS_OF_STATEMENT = 1_000;

/** Inserts so many rows by one statement; its parameters are the number before the first and how many. */
export const INSERT_ORDERS = `insert into orders select ${ORDERS_ROW} from (select ? + seq as n from numbers where seq <= ?) as ids`;

/** Creates the table, and one of the numbers 1 to 1000, in the connection's database. */
export async function createOrders(client: Connection): Promise<void> {
  const numbers = Array.from({ length: ROWS_OF_STATEMENT }, (_, index) => `(${index + 1})`);
  await client.query(`create table orders(${ORDERS_COLUMNS}) engine=innodb`);
  await client.query(`create table numbers(seq int primary key); insert into numbers values ${numbers.join()}`);
}

/** Inserts the ids 1 to `rows`, a statement and a transaction for each 1000. */
export async function loadOrders(client: Connection, rows: number): Promise<void> {
  await client.query(`create procedure load_orders(b bigint) begin
    declare i bigint default 1;
    set autocommit = 0;
    while i <= b do
      insert into orders select ${ORDERS_ROW} from (select i+seq-1 as n from numbers) as ids where n <= b;
      commit;
      set i = i + ${ROWS_OF_STATEMENT};
    end while;
  end`);
  await client.query('call load_orders(?)', [rows]);
}

/** Inserts the ids 1 to `rows`, a statement for each, `perTransaction` to a transaction. */
export async function loadOrdersOneByOne(client: Connection, rows: number, perTransaction: number): Promise<void> {
  await client.query(`create procedure load_orders_one_by_one(b bigint, tx bigint) begin
    declare n bigint default 1;
    set autocommit = 0;
    while n <= b do
      insert into orders values (${ORDERS_ROW});
      if n % tx = 0 then commit; end if;
      set n = n + 1;
    end while;
    commit;
  end`);
  await client.query('call load_orders_one_by_one(?, ?)', [rows, perTransaction]);
}

/** Inserts the ids 1 to `rows`, up to 1000 million, by one statement. */
export async function insertAllOrders(client: Connection, rows: number): Promise<void> {
  const id = `(a.seq-1)*1000000 + (b.seq-1)*1000 + c.seq`;
  const numbers = 'numbers a straight_join numbers b straight_join numbers c';
  const wanted = `a.seq <= ${Math.ceil(rows / 1e6)} and ${id} <= ${rows}`;
  await client.query(`insert into orders select ${ORDERS_ROW} from (select ${id} as n from ${numbers} where ${wanted}) as ids`);
}
