import assert from 'node:assert/strict';
import { test } from 'node:test';
import { charsetOfCollation } from '../../../../../engine/source/mysql/binlog/collations.ts';
import { startMariadb } from '../../../../support/mariadb.ts';
import { startMysql } from '../../../../support/mysql.ts';
import { skipUnless } from '../../../../support/skip.ts';

for (const { flavor, start, statement } of [
  {
    flavor: 'mariadb',
    start: startMariadb,
    statement: 'SELECT ID AS id, CHARACTER_SET_NAME AS charset FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID > 0',
  },
  { flavor: 'mysql', start: startMysql, statement: 'SELECT ID AS id, CHARACTER_SET_NAME AS charset FROM information_schema.COLLATIONS' },
] as const) {
  test(`every collation of ${flavor} has its character set`, { skip: skipUnless(flavor) }, async () => {
    const server = await start();
    const rows = await server.query<{ id: number; charset: string }>(statement);
    assert.ok(rows.length > 200, `${rows.length} collations`);
    // MySQL 8.0 says utf8 up to 8.0.29.
    for (const { id, charset } of rows)
      assert.equal(charsetOfCollation(id, flavor), charset === 'utf8' ? 'utf8mb3' : charset, `collation ${id}`);
    await server.destroy();
  });
}

test("collations that are not the server's own are not known", () => {
  assert.equal(charsetOfCollation(1500, 'mysql'), null);
  assert.equal(charsetOfCollation(900, 'mariadb'), null);
  assert.equal(charsetOfCollation(5000, 'mariadb'), null);
});
