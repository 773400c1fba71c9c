import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatementTokens, type NamedTable } from '../../../../../engine/source/mysql/binlog/statement-tokens.ts';

const NONE: ReadonlySet<string> = new Set();

const namesOf = (tables: readonly NamedTable[]) =>
  tables.map(({ database, table }) => (database === null ? table : `${database}.${table}`));

test('words are read in capitals, one after the other, and those ahead stay', () => {
  const tokens = new StatementTokens('drop `Temporary` table, x');
  assert.deepEqual(
    [tokens.peekWord(), tokens.word(), tokens.word(), tokens.peekIs('t'), tokens.word()],
    ['DROP', 'DROP', '', false, 'TABLE'],
  );
  assert.deepEqual([tokens.passSign('.'), tokens.passSign(','), tokens.word(), tokens.next()], [false, true, 'X', null]);
});

test('references: joins in parentheses and without, in any order; what a subquery reads is none', () => {
  const references = (sql: string) => namesOf(new StatementTokens(sql).references(NONE).tables);
  assert.deepEqual(references('(a x, (`b`.c CROSS JOIN d)) LEFT OUTER JOIN e ON f(x.i, c.j) AND x.k IN (SELECT l FROM m)'), [
    'a',
    'b.c',
    'd',
    'e',
  ]);
  assert.deepEqual(references('(WITH s AS (SELECT 1) SELECT * FROM s, t) AS u, v USE INDEX (i, j), w PARTITION (p0, p1) y'), ['v', 'w']);
  assert.deepEqual(new StatementTokens('a JOIN b SET c = 1').references(new Set(['SET'])).end, 'SET');
  assert.deepEqual(new StatementTokens('(a JOIN b').references(NONE).end, '');
});

test('words in parentheses are passed over, also when these do not end', () => {
  const wanted = new Set(['DELETE']);
  assert.equal(new StatementTokens('c AS (DELETE (1)) DELETE').outerWord(wanted), 'DELETE');
  assert.equal(new StatementTokens('c AS (DELETE (1)').outerWord(wanted), '');
});

test('a query at any depth, and none in definitions', () => {
  const hasQuery = (sql: string) => new StatementTokens(sql).hasQuery();
  for (const sql of ['(a int) SELECT 1', 'AS (SELECT 1)', 'TABLE t', 'AS VALUES ROW(1)', 'WITH c AS (SELECT 1) SELECT 2'])
    assert.equal(hasQuery(sql), true, sql);
  for (const sql of ["(a text DEFAULT 'SELECT')", 'PARTITION BY LIST (a) (PARTITION p VALUES IN (1))', '(`select` int)'])
    assert.equal(hasQuery(sql), false, sql);
});
