/** A small shop in one kind of database: three tables, and what happens in it. */
export interface Shop {
  readonly schema: readonly string[];
  /** Executed before the changefeed starts: only changes from its start on are exported. */
  readonly stock: readonly string[];
  readonly tour: readonly TourStep[];
  /** One order of the latency run; its id is the value. */
  readonly latency: string;
  /** Orders from one id up to another, and an update of each. */
  readonly burst: (kind: 'insert' | 'update', first: number, last: number) => Statement;
  /** How many orders there are from an id on, and how often they were updated. */
  readonly written: string;
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** One transaction of the tour: its statements, and how many messages they make. */
export interface TourStep {
  readonly title: string;
  readonly statements: readonly string[];
  readonly messages: number;
}

/** Of PostgreSQL. */
export const SHOP_SCHEMA = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.customers (id int PRIMARY KEY, name text NOT NULL, email text,
    since timestamptz NOT NULL DEFAULT '2025-09-09 11:28:43.4846+00');
  CREATE TABLE shop.products (sku text PRIMARY KEY, title text NOT NULL, price numeric(10,2) NOT NULL,
    tags text[] NOT NULL DEFAULT '{}', details jsonb);
  CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id int NOT NULL, sku text NOT NULL,
    quantity int NOT NULL, status text NOT NULL, note text, version int NOT NULL DEFAULT 0);
`;

/** The same. */
export const SHOP_STOCK = `
  INSERT INTO shop.customers (id, name, email) VALUES (1, 'Ada Lovelace', 'ada@example.com'), (2, 'Grace Hopper', NULL);
  INSERT INTO shop.products VALUES ('tea-1', 'Green tea', 4.50, '{tea,green}', '{"grams": 100}'), ('cup-1', 'Cup', 7.00, '{}', NULL);
`;

/** @param shirt the statement that adds a product */
function tourWith(shirt: string): TourStep[] {
  return [
    {
      title: 'an insert',
      statements: [shirt],
      messages: 1,
    },
    { title: 'an update', statements: ["UPDATE shop.products SET price = 17.50 WHERE sku = 'tee-2'"], messages: 1 },
    { title: 'a change of the key', statements: ["UPDATE shop.products SET sku = 'tee-2-m' WHERE sku = 'tee-2'"], messages: 1 },
    {
      title: 'one transaction over several tables',
      statements: [
        "INSERT INTO shop.customers (id, name) VALUES (3, 'Annie Easley')",
        "INSERT INTO shop.orders (id, customer_id, sku, quantity, status) VALUES (1, 3, 'tee-2-m', 2, 'new')",
        "UPDATE shop.orders SET status = 'paid' WHERE id = 1",
      ],
      messages: 3,
    },
    { title: 'a delete', statements: ["DELETE FROM shop.products WHERE sku = 'cup-1'"], messages: 1 },
    {
      title: 'a rolled-back savepoint',
      statements: [
        "INSERT INTO shop.customers (id, name) VALUES (4, 'Mary Jackson')",
        'SAVEPOINT s',
        'DELETE FROM shop.customers',
        'ROLLBACK TO s',
      ],
      messages: 1,
    },
  ];
}

export const POSTGRES_SHOP: Shop = {
  schema: [SHOP_SCHEMA],
  stock: [SHOP_STOCK],
  tour: tourWith(
    'INSERT INTO shop.products VALUES (\'tee-2\', \'T-shirt "Millrace" 😁\', 19.90, \'{shirt,"size M"}\', \'{"colour": "blue"}\')',
  ),
  latency: "INSERT INTO shop.orders VALUES ($1, 1, 'tea-1', 1, 'new', 'latency')",
  burst: (kind, first, last) => ({ text: BURST[kind], values: [first, last] }),
  written: 'SELECT count(*)::int AS orders, sum(version)::int AS updates FROM shop.orders WHERE id >= $1',
};

const BURST = {
  insert:
    "INSERT INTO shop.orders SELECT n, n % 1000, 'tea-1', 1, 'new', 'Order ' || n || ', leave at the side door' FROM generate_series($1::bigint, $2::bigint) n",
  update: "UPDATE shop.orders SET status = 'paid', version = version + 1 WHERE id BETWEEN $1 AND $2",
} as const;

export const MARIADB_SHOP: Shop = {
  schema: [
    'CREATE DATABASE shop',
    `CREATE TABLE shop.customers (id int PRIMARY KEY, name varchar(100) NOT NULL, email varchar(100),
       since timestamp(6) NOT NULL DEFAULT '2025-09-09 11:28:43.4846')`,
    `CREATE TABLE shop.products (sku varchar(20) PRIMARY KEY, title varchar(100) NOT NULL, price decimal(10,2) NOT NULL,
       tags set('tea', 'green', 'shirt', 'size M') NOT NULL DEFAULT '', details json)`,
    `CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id int NOT NULL, sku varchar(20) NOT NULL,
       quantity int NOT NULL, status enum('new', 'paid') NOT NULL, note text, version int NOT NULL DEFAULT 0)`,
  ],
  stock: [
    "INSERT INTO shop.customers (id, name, email) VALUES (1, 'Ada Lovelace', 'ada@example.com'), (2, 'Grace Hopper', NULL)",
    "INSERT INTO shop.products VALUES ('tea-1', 'Green tea', 4.50, 'tea,green', '{\"grams\": 100}'), ('cup-1', 'Cup', 7.00, '', NULL)",
  ],
  tour: tourWith("INSERT INTO shop.products VALUES ('tee-2', 'T-shirt \"Millrace\" 😁', 19.90, 'shirt,size M', '{\"colour\": \"blue\"}')"),
  latency: `INSERT INTO shop.orders (id, customer_id, sku, quantity, status, note) VALUES (?, 1, 'tea-1', 1, 'new', 'latency')`,
  burst: (kind, first, last) => {
    if (kind === 'update') {
      return { text: "UPDATE shop.orders SET status = 'paid', version = version + 1 WHERE id BETWEEN ? AND ?", values: [first, last] };
    }
    const columns = "seq, seq % 1000, 'tea-1', 1, 'new', CONCAT('Order ', seq, ', leave at the side door')";
    return {
      text: `INSERT INTO shop.orders (id, customer_id, sku, quantity, status, note) SELECT ${columns} FROM shop.seq_${first}_to_${last}`,
      values: [],
    };
  },
  written: 'SELECT count(*) AS orders, sum(version) AS updates FROM shop.orders WHERE id >= ?',
};
