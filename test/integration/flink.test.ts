import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readWithFlink } from '../support/flink.ts';
import { skipUnless } from '../support/skip.ts';
import { serversForFile, type Servers } from './servers.ts';
import { NEEDS } from './stage.ts';

const SKIP = skipUnless('flink', ...NEEDS);

let servers: Servers;
serversForFile(SKIP, (started) => (servers = started));

const SCHEMA = `
  CREATE TABLE items (id int PRIMARY KEY, name text, price numeric(10,2), ok boolean, at timestamp(6), big bigint);
  ALTER TABLE items REPLICA IDENTITY FULL`;

/** The table as a user declares it in Flink's SQL. */
const ROW_TYPE = `ROW<id INT NOT NULL, name STRING, price DECIMAL(10,2), ok BOOLEAN, at TIMESTAMP(6), big BIGINT>`;

/** One message each. The last update changes nothing. */
const STATEMENTS = [
  `INSERT INTO items VALUES (1, 'Grüner Tee "sencha" 😁', 4.50, true, '2025-09-09 11:28:43.4846', 9007199254740993)`,
  'UPDATE items SET price = 12345678.90',
  'UPDATE items SET name = NULL, big = NULL',
  "UPDATE items SET name = '', ok = false",
  'UPDATE items SET id = 2',
  'UPDATE items SET id = 2',
  'DELETE FROM items',
];

/** The rows of a table in which all these statements took place, as Flink writes them. */
const row = (id: number, name: string, price: string, ok: boolean, big: string) =>
  `(${id},${name},${price},${ok},2025-09-09T11:28:43.484600,${big})`;
const BIG = '9007199254740993';
const NAME = 'Grüner Tee "sencha" 😁';
const ROWS = [
  row(1, NAME, '4.50', true, BIG),
  row(1, NAME, '12345678.90', true, BIG),
  row(1, 'null', '12345678.90', true, 'null'),
  row(1, '', '12345678.90', false, 'null'),
  row(2, '', '12345678.90', false, 'null'),
];
const ONLY_KEY = (id: number) => `(${id}${',null'.repeat(5)})`;

async function asFlinkReads(t: { after(end: () => Promise<void>): void }, old: string): Promise<string[]> {
  const feed = await servers.feed(t, { schema: SCHEMA, partitions: 1, options: { OLD: old } });
  await feed.engine.start();
  for (const statement of STATEMENTS) await feed.query(statement);
  await feed.untilCount(STATEMENTS.length);
  const messages = (await feed.records()).map(({ value }) => value!.toString());
  return await readWithFlink(ROW_TYPE, messages);
}

/** `-U` of each row with the `+U` of the next one. */
const updates = (images: readonly string[]) => images.slice(1).map((image, i) => `-U${images[i]!} +U${image}`);

describe("Apache Flink's format maxwell-json as the judge", { skip: SKIP }, () => {
  test('with MILLRACE_OLD=full every row before a change is the row that was there', async (t) => {
    const last = ROWS[4]!;
    assert.deepEqual(await asFlinkReads(t, 'full'), [`+I${ROWS[0]!}`, ...updates([...ROWS, last]), `-D${last}`]);
  });

  test('with MILLRACE_OLD=changed as well, but an update that changes nothing has no old row, which Flink refuses', async (t) => {
    const [insert, ...read] = await asFlinkReads(t, 'changed');
    const nothing = read.splice(4, 1)[0]!;
    assert.equal(insert, `+I${ROWS[0]!}`);
    assert.deepEqual(read, [...updates(ROWS), `-D${ROWS[4]!}`]);
    assert.match(nothing, /^refused: .*NullPointerException/);
  });

  test('with MILLRACE_OLD=key the rows before a change have nulls beside their key', async (t) => {
    const befores = [1, 1, 1, 1, 2].map(ONLY_KEY);
    const afters = [...ROWS.slice(1), ROWS[4]!];
    assert.deepEqual(await asFlinkReads(t, 'key'), [
      `+I${ROWS[0]!}`,
      ...befores.map((image, i) => `-U${image} +U${afters[i]!}`),
      `-D${ONLY_KEY(2)}`,
    ]);
  });
});
