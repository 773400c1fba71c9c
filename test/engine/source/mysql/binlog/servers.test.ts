import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BinlogReader, MAGIC } from '../../../../support/binlog-reader.ts';
import { BinlogSink } from '../../../../support/binlog-sink.ts';
import { startMariadb } from '../../../../support/mariadb.ts';
import { startMysql } from '../../../../support/mysql.ts';
import type { MysqlServer } from '../../../../support/mysql-server.ts';
import { skipUnless } from '../../../../support/skip.ts';

/** Runs statements, and reads what they left in the log. */
async function logged(server: MysqlServer, sql: string): Promise<BinlogSink> {
  await server.query(`FLUSH BINARY LOGS`);
  const file = server.binlogs().at(-1)!;
  await server.query(sql, [], 'd');
  await server.query('FLUSH BINARY LOGS');
  const sink = new BinlogSink();
  const reader = new BinlogReader(sink, { flavor: server.flavor, isSelected: (database) => database === 'd', heldBytesMax: 4096 });
  reader.read(readFileSync(file).subarray(MAGIC.length));
  assert.equal(reader.parser.isOpen, false);
  return sink;
}

const ROLLED_BACK = `
  CREATE TABLE a (id int PRIMARY KEY, s varchar(20)) ENGINE=InnoDB;
  CREATE TABLE m (id int PRIMARY KEY, s varchar(20)) ENGINE=MyISAM;
  BEGIN; INSERT INTO a VALUES (1, 'x'); SAVEPOINT one; INSERT INTO a VALUES (2, 'gone'); ROLLBACK TO one;
  INSERT INTO a VALUES (3, 'z'); COMMIT;
  BEGIN; INSERT INTO a VALUES (4, 'gone'); ROLLBACK;
  BEGIN; INSERT INTO a VALUES (5, 'x'); CREATE TEMPORARY TABLE t (id int); SAVEPOINT s; INSERT INTO a VALUES (6, 'gone'); ROLLBACK TO s;
  INSERT INTO t VALUES (1); INSERT INTO a VALUES (7, 'y'); COMMIT;
  BEGIN; INSERT INTO a VALUES (8, 'gone'); DROP TEMPORARY TABLE t; ROLLBACK;`;
const KEPT = ['insert d.a new(1,x)', 'insert d.a new(3,z)', 'insert d.a new(5,x)', 'insert d.a new(7,y)'];

const IMAGES = `
  CREATE TABLE i (id int PRIMARY KEY, n int, b text);
  INSERT INTO i VALUES (1, 2, 'x'); UPDATE i SET n = 3; DELETE FROM i`;

for (const { flavor, start } of [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const) {
  test(`the log of ${flavor}`, { skip: skipUnless(flavor) }, async (context) => {
    const server = await start();
    await server.query('CREATE DATABASE d');

    await context.test('what was rolled back does not come out (bugs 23, 24)', async () => {
      assert.deepEqual((await logged(server, ROLLED_BACK)).changes, KEPT);
    });

    // MySQL refuses it where GTIDs are on.
    const isMixed = flavor === 'mariadb';
    await context.test(
      'rows of a table without transactions come, those of the transaction around them do not',
      { skip: !isMixed },
      async () => {
        const { lines } = await logged(server, "BEGIN; INSERT INTO a VALUES (20, 'gone'); INSERT INTO m VALUES (1, 'm'); ROLLBACK");
        assert.match(lines[0]!, /^begin - /);
        assert.deepEqual(lines.slice(1, 2), ['insert d.m new(1,m)']);
        assert.equal(lines.length, 3);
      },
    );

    for (const [image, expected] of [
      ['MINIMAL', ['insert d.i new(1,2,x)', 'update d.i old(1,~,~) new(~,3,~)', 'delete d.i old(1,~,~)']],
      ['NOBLOB', ['insert d.i new(1,2,x)', 'update d.i old(1,2,~) new(1,3,~)', 'delete d.i old(1,3,~)']],
    ] as const) {
      await context.test(`row image ${image}`, async () => {
        const sink = await logged(server, `SET binlog_row_image = ${image}; DROP TABLE IF EXISTS i; ${IMAGES}`);
        assert.deepEqual(sink.changes, expected);
      });
    }

    await context.test('a table made from another has its rows', async () => {
      assert.deepEqual((await logged(server, 'CREATE TABLE c SELECT * FROM a WHERE id < 4')).changes, [
        'insert d.c new(1,x)',
        'insert d.c new(3,z)',
      ]);
    });

    await context.test('columns that are swapped by name keep their values (section 3)', async () => {
      const sql = `CREATE TABLE w (id int PRIMARY KEY, a int, b int); INSERT INTO w VALUES (1, 10, 20);
        ALTER TABLE w RENAME COLUMN a TO x, RENAME COLUMN b TO a, RENAME COLUMN x TO b; INSERT INTO w (id, a, b) VALUES (2, 10, 20)`;
      const swapped = sql.replace(/ALTER.*;/, 'ALTER TABLE w CHANGE a x int, CHANGE b a int; ALTER TABLE w CHANGE x b int;');
      const { schemas, changes } = await logged(server, swapped);
      assert.deepEqual(
        schemas.map(({ columns }) => columns.map(({ name }) => name).join()),
        ['id,a,b', 'id,b,a'],
      );
      assert.deepEqual(changes, ['insert d.w new(1,10,20)', 'insert d.w new(2,20,10)']);
    });

    await context.test('a session in statement format is named (bug 26)', async () => {
      const sql = 'SET SESSION binlog_format = STATEMENT; CREATE TABLE IF NOT EXISTS st (id int PRIMARY KEY); INSERT INTO st VALUES (1)';
      await assert.rejects(logged(server, sql), { code: 'BINLOG_STATEMENT_FORMAT', message: /rows of d\.st/ });
    });

    for (const format of ['STATEMENT', 'MIXED']) {
      await context.test(`temporary tables and tables that are not selected, in the format ${format} (bug 26)`, async () => {
        await server.query('CREATE DATABASE IF NOT EXISTS e; CREATE TABLE IF NOT EXISTS e.x (id int PRIMARY KEY, s varchar(20))');
        const sql = `SET SESSION binlog_format = ${format};
          CREATE TEMPORARY TABLE p (id int, s varchar(20)); INSERT INTO p VALUES (1, 'a'), (2, 'b'); UPDATE p SET s = 'c' WHERE id = 1;
          CREATE TEMPORARY TABLE a (id int); INSERT INTO a VALUES (9); DELETE FROM a; TRUNCATE a; DROP TEMPORARY TABLE a;
          ALTER TABLE p RENAME TO q; INSERT INTO q SELECT 3, 'c'; ALTER TABLE q ADD n int; DELETE FROM q WHERE id = 3;
          INSERT INTO e.x SELECT id, s FROM q; UPDATE e.x AS y JOIN (SELECT id FROM d.a) z ON y.id = z.id SET s = 'd'; DELETE FROM e.x`;
        assert.deepEqual((await logged(server, sql)).changes, []);
        const selected = `SET SESSION binlog_format = ${format}; CREATE TEMPORARY TABLE a (id int); INSERT INTO a VALUES (9);
          DROP TABLE a; DELETE FROM a WHERE id = 3`;
        await assert.rejects(logged(server, selected), { code: 'BINLOG_STATEMENT_FORMAT', message: /rows of d\.a,/ });
      });
    }

    await context.test('updates that log parts of JSON alone are named', { skip: flavor === 'mariadb' }, async () => {
      const sql = `SET SESSION binlog_row_value_options = PARTIAL_JSON; CREATE TABLE pj (id int PRIMARY KEY, j json);
        INSERT INTO pj VALUES (1, '{"a": 1, "b": "long enough to log less than all of it"}'); UPDATE pj SET j = JSON_SET(j, '$.a', 2)`;
      await assert.rejects(logged(server, sql), { code: 'BINLOG_EVENT_UNSUPPORTED', message: /PARTIAL_JSON/ });
    });

    await context.test('XA with rows of a selected table is named', async () => {
      const sql = "XA START 'x'; INSERT INTO a VALUES (40, 'xa'); XA END 'x'; XA PREPARE 'x'; XA COMMIT 'x'";
      await assert.rejects(logged(server, sql), { code: 'BINLOG_XA_UNSUPPORTED' });
    });

    await context.test('XA that prepares and commits in one is a commit', async () => {
      const sql = "XA START 'y'; INSERT INTO a VALUES (41, 'xa'); XA END 'y'; XA COMMIT 'y' ONE PHASE";
      assert.deepEqual((await logged(server, sql)).changes, ['insert d.a new(41,xa)']);
    });

    const repeated =
      "INSERT INTO z VALUES (1, REPEAT('a', 3000)), (2, REPEAT('b', 3000)); UPDATE z SET id = id + 10; DELETE FROM z WHERE id = 11";
    await context.test('compressed events', async () => {
      const on =
        flavor === 'mariadb'
          ? 'SET GLOBAL log_bin_compress = 1; SET GLOBAL log_bin_compress_min_len = 10;'
          : 'SET SESSION binlog_transaction_compression = ON;';
      const { changes } = await logged(server, `${on} CREATE TABLE z (id int PRIMARY KEY, s varchar(4000)); ${repeated}`);
      const of = (id: number, letter: string): string => `${id},${letter.repeat(10)}...(3000)`;
      assert.deepEqual(changes, [
        `insert d.z new(${of(1, 'a')})`,
        `insert d.z new(${of(2, 'b')})`,
        `update d.z old(${of(1, 'a')}) new(${of(11, 'a')})`,
        `update d.z old(${of(2, 'b')}) new(${of(12, 'b')})`,
        `delete d.z old(${of(11, 'a')})`,
      ]);
    });

    await server.destroy();
  });
}
