import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayTouch, readStatement } from '../../../../../engine/source/mysql/binlog/statement.ts';

function tablesOf(sql: string): string[] | null {
  const statement = readStatement(sql);
  assert.ok(statement.kind === 'rows', sql);
  const { tables } = statement;
  return tables?.map(({ database, table }) => (database === null ? table : `${database}.${table}`)) ?? null;
}

test('the frame of transactions is read', () => {
  const kinds = [
    'BEGIN',
    'START TRANSACTION',
    'commit',
    'ROLLBACK',
    "/* c */ XA START X'01'",
    "XA END X'01'",
    'SAVEPOINT a',
    'ROLLBACK TO a',
  ];
  assert.deepEqual(
    kinds.map((sql) => readStatement(sql).kind),
    ['begin', 'begin', 'commit', 'rollback', 'xa-start', 'xa-other', 'savepoint', 'rollback-to'],
  );
  assert.deepEqual(readStatement('ROLLBACK WORK TO SAVEPOINT `A``b`'), { kind: 'rollback-to', savepoint: 'a`b' });
  assert.deepEqual(readStatement('ROLLBACK TO savepoint'), { kind: 'rollback-to', savepoint: 'savepoint' });
});

test('the tables of statements that change rows', () => {
  assert.deepEqual(tablesOf('INSERT LOW_PRIORITY IGNORE INTO `a b`.`c.d` VALUES (1)'), ['a b.c.d']);
  assert.deepEqual(tablesOf('REPLACE t SET a = 1'), ['t']);
  assert.deepEqual(tablesOf('INSERT INTO quick SELECT 1'), ['quick']);
  assert.deepEqual(tablesOf('DELETE LOW_PRIORITY FROM `from` WHERE a = 1'), ['from']);
  assert.deepEqual(tablesOf('UPDATE a, b.c AS x SET y = 1'), ['a', 'b.c', 'AS', 'x']);
  assert.deepEqual(tablesOf('DELETE a FROM a JOIN b WHERE c = 1'), ['a', 'a', 'JOIN', 'b']);
  assert.deepEqual(tablesOf("LOAD DATA LOCAL INFILE '/x into y' REPLACE INTO TABLE `t` (a)"), ['t']);
  assert.deepEqual(tablesOf('CREATE OR REPLACE TABLE IF NOT EXISTS x.t (a int) AS SELECT 1'), ['x.t']);
  assert.deepEqual(tablesOf('/*!50003 INSERT INTO t VALUES (1) */'), ['t']);
  assert.equal(tablesOf('SELECT `d`.`f`(1)'), null);
  assert.equal(tablesOf('WITH c AS (SELECT 1) DELETE FROM t'), null);
});

test('definitions are no changes of rows', () => {
  for (const sql of [
    "CREATE TABLE t (a enum('SELECT'))",
    'CREATE TEMPORARY TABLE t SELECT 1',
    'CREATE VIEW v AS SELECT 1',
    'ALTER TABLE t ADD b int',
    'DROP TABLE t',
    '',
  ]) {
    assert.equal(readStatement(sql).kind, 'other', sql);
  }
});

test('a definition may touch a table that it names, in whatever way', () => {
  for (const sql of [
    'ALTER TABLE Shop.ORDERS ADD x int',
    'RENAME TABLE a TO `orders`',
    'DROP DATABASE shop',
    'ALTER DATABASE CHARACTER SET utf8mb4',
    'ALTER TABLE "orders" ADD x int',
    "CREATE TABLE x (a text DEFAULT 'no end",
  ]) {
    assert.equal(mayTouch(sql, 'shop', 'shop', 'orders'), true, sql);
  }
  for (const sql of [
    'ALTER TABLE order_lines ADD x int',
    'DROP DATABASE other',
    "GRANT SELECT ON other.* TO 'x'",
    'ALTER TABLE customers COMMENT "it\'s fine"',
  ]) {
    assert.equal(mayTouch(sql, 'elsewhere', 'shop', 'orders'), false, sql);
  }
});

test('a statement of quotes without an end is read in time that grows with its length', () => {
  // Each of them would be looked for to the end of the statement: a million of these, 10^12 characters.
  assert.equal(readStatement(`CREATE TABLE t COMMENT '${"\\'".repeat(500_000)}`).kind, 'other');
});
