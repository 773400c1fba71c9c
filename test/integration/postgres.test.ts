import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ALL_VERSIONS } from '../support/postgres-install.ts';
import { skipUnless } from '../support/skip.ts';
import { Servers } from './servers.ts';

for (const version of ALL_VERSIONS) {
  describe(`tables of PostgreSQL ${version}`, { skip: skipUnless('kafka', 'kcat', `postgres-${version}`) }, () => {
    let servers: Servers;
    before(async () => {
      servers = await Servers.start({ version });
    });
    after(() => servers.destroy());

    test('tables are chosen by patterns, whatever characters their names have', async (t) => {
      const names = ['order_1', 'order_2', '"Größe, ""x"""', '"a.b"', 'left_out'];
      const schema = `CREATE SCHEMA shop; ${names.map((name) => `CREATE TABLE shop.${name} (id int PRIMARY KEY);`).join(' ')}`;
      const options = { TABLES: 'shop.order_?, !shop.order_2, shop."Größe, ""x""", shop."a.b"' };
      const feed = await servers.feed(t, { schema, options, partitions: 1 });
      await feed.engine.start();
      await feed.query(names.map((name) => `INSERT INTO shop.${name} VALUES (1)`).join(';'));
      await feed.untilCount(3);
      await feed.engine.stop();
      assert.deepEqual((await feed.keyed()).map(({ table }) => table).toSorted(), ['shop.Größe, "x"', 'shop.a.b', 'shop.order_1']);
    });

    for (const root of ['true', 'false']) {
      test(`a partitioned table, MILLRACE_PARTITION_ROOT=${root}`, async (t) => {
        const schema = `
          CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
          CREATE TABLE p_low PARTITION OF p FOR VALUES FROM (0) TO (10);
          CREATE TABLE p_high PARTITION OF p FOR VALUES FROM (10) TO (20);`;
        const feed = await servers.feed(t, { schema, options: { PARTITION_ROOT: root }, partitions: 1 });
        await feed.engine.start();
        await feed.query("INSERT INTO p VALUES (1, 'a'), (11, 'b')");
        await feed.query('UPDATE p SET id = 12 WHERE id = 1');
        await feed.untilCount(4);
        await feed.engine.stop();
        const [low, high] = root === 'true' ? ['p', 'p'] : ['p_low', 'p_high'];
        assert.deepEqual(
          (await feed.keyed()).map(({ table, type, key }) => [table, type, key]),
          [
            [low, 'insert', '{"id":1}'],
            [high, 'insert', '{"id":11}'],
            // The server writes a row that moves as what it is: gone here, new there.
            [low, 'delete', '{"id":1}'],
            [high, 'insert', '{"id":12}'],
          ],
        );
      });
    }

    test('each replica identity: the key, and what is known of the old row', async (t) => {
      const schema = `
        CREATE TABLE by_default (a int, b int, v text, PRIMARY KEY (b, a));
        CREATE TABLE by_full (id int PRIMARY KEY, v text); ALTER TABLE by_full REPLICA IDENTITY FULL;
        CREATE TABLE by_index (id int, code text NOT NULL UNIQUE, v text);
        ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_code_key;
        CREATE TABLE by_nothing (id int PRIMARY KEY, v text); ALTER TABLE by_nothing REPLICA IDENTITY NOTHING;
        CREATE TABLE without_key (id int, v text);`;
      const feed = await servers.feed(t, { schema, options: { OLD: 'full' }, partitions: 1 });
      await feed.engine.start();
      await feed.query("INSERT INTO by_default VALUES (1, 2, 'x'); UPDATE by_default SET a = 3; DELETE FROM by_default");
      await feed.query("INSERT INTO by_full VALUES (1, 'x'); UPDATE by_full SET v = 'y'; DELETE FROM by_full");
      await feed.query("INSERT INTO by_index VALUES (1, 'c', 'x'); UPDATE by_index SET v = 'y'; DELETE FROM by_index");
      await feed.query("INSERT INTO by_nothing VALUES (1, 'x'); INSERT INTO without_key VALUES (1, 'x')");
      await feed.untilCount(11);
      await feed.engine.stop();
      const messages = await feed.keyed();
      assert.deepEqual(
        messages.map(({ key }) => key),
        [
          '{"b":2,"a":1}',
          '{"b":2,"a":3}',
          '{"b":2,"a":3}',
          '{"id":1}',
          '{"id":1}',
          '{"id":1}',
          '{"code":"c"}',
          '{"code":"c"}',
          '{"code":"c"}',
          '{"id":1}',
          null,
        ],
      );
      assert.deepEqual(messages[1]!.old, { a: 1, b: 2, v: null });
      assert.deepEqual(messages[4]!.old, { id: 1, v: 'x' });
      assert.deepEqual(messages[5]!.data, { id: 1, v: 'y' });
    });

    test('a long value that an update leaves alone is left out, or known from the old row, and never null', async (t) => {
      const schema = `
        CREATE TABLE t (id int PRIMARY KEY, n int, big text); ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
        CREATE TABLE f (LIKE t INCLUDING ALL); ALTER TABLE f REPLICA IDENTITY FULL`;
      const feed = await servers.feed(t, { schema, partitions: 1 });
      await feed.engine.start();
      await feed.query("INSERT INTO t VALUES (1, 1, repeat('x', 9000)); UPDATE t SET n = 2; UPDATE t SET id = 7; UPDATE t SET big = NULL");
      await feed.query("INSERT INTO f VALUES (1, 1, repeat('x', 9000)); UPDATE f SET n = 2");
      await feed.untilCount(6);
      await feed.engine.stop();
      const big = 'x'.repeat(9000);
      assert.deepEqual(
        (await feed.keyed()).map(({ data }) => data),
        [
          { id: 1, n: 1, big },
          { id: 1, n: 2 },
          { id: 7, n: 2 },
          { id: 7, n: 2, big: null },
          { id: 1, n: 1, big },
          { id: 1, n: 2, big },
        ],
      );
    });

    test('the slot moves on while only tables that are not exported change', async (t) => {
      const feed = await servers.feed(t, { schema: 'CREATE TABLE t (id int); CREATE TABLE other (id int)', options: { TABLES: 't' } });
      await feed.engine.start();
      await feed.query('INSERT INTO other VALUES (1)');
      await feed.untilConfirmed();
    });

    test('columns that are generated, dropped, added and renamed while the stream runs', async (t) => {
      const schema =
        'CREATE TABLE t (gone int, id int PRIMARY KEY, g int GENERATED ALWAYS AS (id * 2) STORED, v int); ALTER TABLE t DROP gone';
      const feed = await servers.feed(t, { schema, partitions: 1 });
      await feed.engine.start();
      await feed.query('INSERT INTO t VALUES (1)');
      await feed.query("ALTER TABLE t ADD w text DEFAULT 'd'; INSERT INTO t (id) VALUES (2)");
      await feed.query('ALTER TABLE t RENAME v TO u; ALTER TABLE t DROP w; INSERT INTO t (id, u) VALUES (3, 4)');
      await feed.query('BEGIN; INSERT INTO t (id) VALUES (5); ALTER TABLE t ADD z int; INSERT INTO t (id, z) VALUES (6, 7); COMMIT');
      await feed.untilCount(5);
      await feed.engine.stop();
      assert.deepEqual(
        (await feed.keyed()).map(({ data }) => data),
        [
          { id: 1, v: null },
          { id: 2, v: null, w: 'd' },
          { id: 3, u: 4 },
          { id: 5, u: null },
          { id: 6, u: null, z: 7 },
        ],
      );
    });
  });
}
