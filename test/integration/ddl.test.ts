import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skipUnless } from '../support/skip.ts';
import { until } from '../support/wait.ts';
import { Servers } from './servers.ts';
import { toldError } from './stage.ts';

/**
 * Done behind the back of a changefeed, after `INSERT INTO t VALUES (1, 2)` into a table with the primary key (a, b); and the keys that are
 * right.
 */
const BEHIND: readonly (readonly [name: string, sql: string, keys: readonly (string | null)[]])[] = [
  ['the table dropped', 'DROP TABLE t', ['{"a":1,"b":2}']],
  ['a key column renamed', 'ALTER TABLE t RENAME a TO c; INSERT INTO t VALUES (3, 4)', ['{"a":1,"b":2}', '{"c":3,"b":4}']],
  ['the primary key dropped', 'ALTER TABLE t DROP CONSTRAINT t_pkey; INSERT INTO t VALUES (3, 4)', ['{"a":1,"b":2}', null]],
  [
    'the primary key in another order',
    'ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (b, a); INSERT INTO t VALUES (3, 4)',
    ['{"a":1,"b":2}', '{"b":4,"a":3}'],
  ],
  ['the table made anew with another key', 'DROP TABLE t; CREATE TABLE t (b int PRIMARY KEY, a int)', ['{"a":1,"b":2}']],
];

for (const version of ['15', '18'] as const) {
  describe(`changes of tables of PostgreSQL ${version}`, { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) }, () => {
    let servers: Servers;
    before(async () => {
      servers = await Servers.start({ version });
    });
    after(() => servers.destroy());

    for (const [name, sql, keys] of BEHIND) {
      test(`${name}, while the changefeed does not run: the keys of their time, or SCHEMA_UNKNOWN`, async (t) => {
        const feed = await servers.feed(t, {
          schema: 'CREATE TABLE other (id int PRIMARY KEY); CREATE TABLE t (a int, b int, v text, PRIMARY KEY (a, b))',
          partitions: 1,
        });
        await feed.engine.start();
        await feed.engine.stop();
        await feed.query('INSERT INTO t VALUES (1, 2)');
        await feed.query(sql);
        feed.engine.launch();
        const enough = async () => feed.engine.exit !== null || (await feed.count()) >= keys.length;
        await until(enough, { deadlineMs: 60_000, what: () => `messages or an error:\n${feed.engine.tail()}` });
        const found = (await feed.keyed()).map(({ key }) => key);
        assert.deepEqual(found, keys.slice(0, found.length));
        if (found.length < keys.length) await toldError(feed.engine, '"code":"SCHEMA_UNKNOWN"');
      });
    }

    test('enums of one name in two schemas, with labels that are added and renamed', async (t) => {
      const schema = `
        CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TYPE other.mood AS ENUM ('c', 'd');
        CREATE TABLE t (id int PRIMARY KEY, m mood, o other.mood)`;
      const feed = await servers.feed(t, { schema, partitions: 1 });
      await feed.engine.start();
      await feed.query("INSERT INTO t VALUES (1, 'a', 'c')");
      await feed.untilCount(1);
      await feed.engine.stop();
      await feed.query("INSERT INTO t VALUES (2, 'b', 'd')");
      await feed.query("ALTER TYPE mood ADD VALUE 'z' BEFORE 'a'");
      await feed.query("INSERT INTO t VALUES (3, 'z', 'c')");
      await feed.query("ALTER TYPE other.mood RENAME VALUE 'c' TO 'e'");
      await feed.query("INSERT INTO t VALUES (4, 'z', 'e')");
      await feed.engine.start();
      await feed.untilCount(4);
      const rows = (await feed.keyed()).map(({ data }) => [data['m'], data['o']]);
      // The label of row 3 is the one of its time: the server decodes with the catalogue of then.
      assert.deepEqual(rows, [
        ['a', 'c'],
        ['b', 'd'],
        ['z', 'c'],
        ['z', 'e'],
      ]);
    });

    test('TRUNCATE gives no message; it is logged with tables and LSN, and counted', async (t) => {
      const feed = await servers.feed(t, {
        schema: 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a)',
        partitions: 1,
      });
      await feed.engine.start();
      await feed.query('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)');
      await feed.query('TRUNCATE a CASCADE');
      await feed.query('INSERT INTO a VALUES (1)');
      await feed.untilCount(3);
      await until(async () => (await feed.engine.metric('millrace_truncates_total')) === 1, { what: 'the truncate to be counted' });
      await feed.untilConfirmed();
      assert.match(feed.engine.log(), /"tables":"public\.a, public\.b","lsn":"[0-9A-F]+\/[0-9A-F]+".*TRUNCATE/);
      assert.deepEqual(
        (await feed.keyed()).map(({ type }) => type),
        ['insert', 'insert', 'insert'],
      );
    });

    test('a start with other tables alters the publication that is ours, and the log says from where they flow', async (t) => {
      const feed = await servers.feed(t, {
        schema: 'CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY)',
        options: { TABLES: 'a' },
        partitions: 1,
      });
      await feed.engine.start();
      await feed.query('INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)');
      await feed.untilCount(1);
      await feed.engine.stop();
      await feed.engine.start({ TABLES: 'a,b' });
      assert.match(feed.engine.log(), /changes of public\.b flow from [0-9A-F]+\/[0-9A-F]+ on/);
      await feed.query('INSERT INTO b VALUES (2)');
      await feed.untilCount(2);
      await feed.engine.stop();
      await feed.engine.start({ TABLES: 'b' });
      await feed.query('INSERT INTO a VALUES (3); INSERT INTO b VALUES (3)');
      await feed.untilCount(3);
      await feed.engine.stop();
      assert.deepEqual(
        (await feed.keyed()).map(({ table, data }) => [table, data['id']]),
        [
          ['a', 1],
          ['b', 2],
          ['b', 3],
        ],
      );
    });
  });
}
