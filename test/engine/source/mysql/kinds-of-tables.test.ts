import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { skipUnless } from '../../../support/skip.ts';
import { FLAVORS } from './shop.ts';
import { Streaming } from './streaming.ts';

/** Runs statements, and returns the changes that come of them. */
async function changesOf(t: TestContext, server: MysqlServer, sql: string): Promise<Streaming> {
  const streaming = (await Streaming.open(t, server)).run();
  await server.query(`${sql}; INSERT INTO last VALUES (1)`, [], 'shop');
  for (let count = 1; ; count++) if ((await streaming.changes(count)).at(-1)!.includes('shop.last')) break;
  streaming.sink.lines.splice(streaming.sink.lines.findIndex((line) => line.includes('shop.last')));
  return streaming;
}

for (const [flavor, start] of FLAVORS) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start();
      await server.query('CREATE DATABASE shop; CREATE TABLE shop.last (id int)');
    });
    after(async () => await server.destroy());

    test('partitions: rows are those of the table, also where they move from one to another', async (t) => {
      const { sink } = await changesOf(
        t,
        server,
        `CREATE TABLE p (id int PRIMARY KEY, v varchar(10))
           PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (100));
         INSERT INTO p VALUES (1, 'a'), (50, 'b'); UPDATE p SET id = 60 WHERE id = 1; DELETE FROM p WHERE id = 50;
         ALTER TABLE p REORGANIZE PARTITION a, b INTO (PARTITION c VALUES LESS THAN MAXVALUE); INSERT INTO p VALUES (700, 'c')`,
      );
      assert.deepEqual(sink.changes, [
        'insert shop.p new(1,a)',
        'insert shop.p new(50,b)',
        'update shop.p old(1,a) new(60,a)',
        'delete shop.p old(50,b)',
        'insert shop.p new(700,c)',
      ]);
    });

    test('generated columns, stored and not, and invisible ones are columns as any others', async (t) => {
      const { sink } = await changesOf(
        t,
        server,
        `CREATE TABLE g (id int PRIMARY KEY, a int, v int AS (a + 1) VIRTUAL, s int AS (a * 2) STORED, i int DEFAULT 4 INVISIBLE);
         INSERT INTO g (id, a) VALUES (1, 5); UPDATE g SET a = 6; DELETE FROM g`,
      );
      assert.deepEqual(sink.changes, [
        'insert shop.g new(1,5,6,10,4)',
        'update shop.g old(1,5,6,10,4) new(1,6,7,12,4)',
        'delete shop.g old(1,6,7,12,4)',
      ]);
      assert.deepEqual(
        sink.schemas[0]!.columns.map(({ name }) => name),
        ['id', 'a', 'v', 's', 'i'],
      );
    });

    test('a table that is made of the rows of another, and one that replaces another', async (t) => {
      const { sink } = await changesOf(
        t,
        server,
        `CREATE TABLE c SELECT 1 AS a, 2 AS b UNION SELECT 3, 4; CREATE TABLE c2 LIKE c; INSERT INTO c2 SELECT * FROM c;
         DROP TABLE c; CREATE TABLE c (b int, a int); INSERT INTO c VALUES (5, 6)`,
      );
      assert.deepEqual(sink.changes, [
        'insert shop.c new(1,2)',
        'insert shop.c new(3,4)',
        'insert shop.c2 new(1,2)',
        'insert shop.c2 new(3,4)',
        'insert shop.c new(5,6)',
      ]);
    });

    const isVersioned = flavor === 'mariadb';
    test(
      'system-versioned tables: the end of a row is part of its key, which keeps their history apart',
      { skip: !isVersioned },
      async (t) => {
        for (const [name, columns] of [
          ['implied', ''],
          [
            'declared',
            ', f timestamp(6) GENERATED ALWAYS AS ROW START, e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (f, e)',
          ],
        ] as const) {
          const { sink } = await changesOf(
            t,
            server,
            `CREATE TABLE ${name} (id int PRIMARY KEY, v int${columns}) WITH SYSTEM VERSIONING;
           INSERT INTO ${name} (id, v) VALUES (1, 1), (2, 2), (3, 3);
           UPDATE ${name} SET v = 4 WHERE id = 1; UPDATE ${name} SET v = 5 WHERE id = 1;
           DELETE FROM ${name} WHERE id = 2; REPLACE INTO ${name} (id, v) VALUES (1, 9); UPDATE ${name} SET id = 30 WHERE id = 3`,
          );
          const schema = sink.schemas[0]!;
          const names = schema.columns.map((column) => column.name);
          const end = columns === '' ? 'row_end' : 'e';
          assert.deepEqual(
            schema.keyColumns.map((column) => names[column]),
            ['id', end],
          );
          const all = await server.query<{ id: number; v: number; isCurrent: number }>(
            `SELECT id, v, ${end} > NOW() + INTERVAL 1 DAY AS isCurrent FROM shop.${name} FOR SYSTEM_TIME ALL`,
          );
          assert.deepEqual(mirrorOf(sink.changes), all.map(({ id, v, isCurrent }) => `${id},${v},${isCurrent === 1}`).sort());
        }
      },
    );
  });
}

/** What lies in a table that is kept by the key `(id, end)`: `id,v,whether it is current`. */
function mirrorOf(changes: readonly string[]): string[] {
  const [, never] = /,([^,]+)\)$/.exec(changes[0]!)!;
  const rows = new Map<string, string>();
  for (const change of changes) {
    const [, oldId, oldEnd] = /old\((\d+),\d+,[^,]+,([^)]+)\)/.exec(change) ?? [];
    rows.delete(`${oldId},${oldEnd}`);
    const [, id, v, end] = /new\((\d+),(\d+),[^,]+,([^)]+)\)/.exec(change) ?? [];
    if (id !== undefined) rows.set(`${id},${end}`, `${id},${v},${end === never}`);
  }
  return [...rows.values()].sort();
}
