/** A small shop: three tables, and what happens in it. */
export const SHOP_SCHEMA = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.customers (id int PRIMARY KEY, name text NOT NULL, email text,
    since timestamptz NOT NULL DEFAULT '2025-09-09 11:28:43.4846+00');
  CREATE TABLE shop.products (sku text PRIMARY KEY, title text NOT NULL, price numeric(10,2) NOT NULL,
    tags text[] NOT NULL DEFAULT '{}', details jsonb);
  CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer_id int NOT NULL, sku text NOT NULL,
    quantity int NOT NULL, status text NOT NULL, note text, version int NOT NULL DEFAULT 0);
`;

/** Executed before the changefeed starts: only changes from its start on are exported. */
export const SHOP_STOCK = `
  INSERT INTO shop.customers (id, name, email) VALUES (1, 'Ada Lovelace', 'ada@example.com'), (2, 'Grace Hopper', NULL);
  INSERT INTO shop.products VALUES ('tea-1', 'Green tea', 4.50, '{tea,green}', '{"grams": 100}'), ('cup-1', 'Cup', 7.00, '{}', NULL);
`;

/** One transaction of the tour: its statements, and how many messages they make. */
export interface TourStep {
  readonly title: string;
  readonly statements: readonly string[];
  readonly messages: number;
}

export const TOUR: readonly TourStep[] = [
  {
    title: 'an insert',
    statements: [
      'INSERT INTO shop.products VALUES (\'tee-2\', \'T-shirt "Millrace" 😁\', 19.90, \'{shirt,"size M"}\', \'{"colour": "blue"}\')',
    ],
    messages: 1,
  },
  { title: 'an update', statements: ["UPDATE shop.products SET price = 17.50 WHERE sku = 'tee-2'"], messages: 1 },
  { title: 'a change of the key', statements: ["UPDATE shop.products SET sku = 'tee-2-m' WHERE sku = 'tee-2'"], messages: 1 },
  {
    title: 'one transaction over several tables',
    statements: [
      "INSERT INTO shop.customers (id, name) VALUES (3, 'Annie Easley')",
      "INSERT INTO shop.orders VALUES (1, 3, 'tee-2-m', 2, 'new', NULL)",
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
