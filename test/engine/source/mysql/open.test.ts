import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startMysql } from '../../../support/mysql.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { skipUnless } from '../../../support/skip.ts';
import { FLAVORS, SCHEMA, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

for (const [flavor, start] of FLAVORS) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start();
      await server.query(SCHEMA);
    });
    after(async () => await server.destroy());

    test('tables: what matches nothing, what has no changes, and names without a database', async (t) => {
      await server.query('CREATE VIEW shop.seen AS SELECT * FROM shop.t');
      for (const [tables, code, message] of [
        [['shop.x'], 'TABLES_NO_MATCH', /GRANT SELECT ON `shop`.`x` TO 'millrace'@'%'/],
        [['shpo.*'], 'TABLES_NO_MATCH', /Near it: shop\./],
        [['shop.seen'], 'TABLE_UNSUPPORTED', /shop.seen is a view/],
        [['shop.*', '!shop.*'], 'TABLES_NO_MATCH', /taken out again/],
      ] as const) {
        await assert.rejects(Streaming.open(t, server, { tables }), { code, message });
      }
      assert.deepEqual((await Streaming.open(t, server, { tables: ['t'] })).opened.tables, ['shop.t']);
      await assert.rejects(Streaming.open(t, server, { tables: ['t'], url: server.url() }), {
        code: 'TABLES_SYNTAX',
        message: /names no database/,
      });
      const all = (await Streaming.open(t, server, { tables: ['*.*'] })).opened.tables;
      assert.ok(
        all.every((name) => name.startsWith('shop.')),
        `wildcards do not mean the server's own: ${all.join(' ')}`,
      );
    });

    test('an account that may not is told what it lacks, all at once', async (t) => {
      await server.query("CREATE USER bare@'%' IDENTIFIED BY 'pw'; GRANT SELECT ON shop.* TO bare@'%'");
      const url = `${server.url('bare', 'pw')}/shop`;
      await assert.rejects(Streaming.open(t, server, { url }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'PREFLIGHT_FAILED');
        assert.match(error.message, /GRANT REPLICATION SLAVE ON \*\.\* TO 'bare'@'%';/);
        assert.match(error.message, flavor === 'mariadb' ? /GRANT BINLOG MONITOR ON/ : /GRANT REPLICATION CLIENT ON/);
        return true;
      });
    });

    test('settings of the server that would lose rows or names, each with the statement that mends it', async (t) => {
      await server.query("SET GLOBAL binlog_row_metadata = 'MINIMAL', GLOBAL binlog_format = 'MIXED'");
      await assert.rejects(Streaming.open(t, server), (error: Error) => {
        assert.match(error.message, /\[BINLOG_FORMAT\].*SET GLOBAL binlog_format = 'ROW';/);
        assert.match(error.message, /\[BINLOG_ROW_METADATA\].*SET GLOBAL binlog_row_metadata = 'FULL';/);
        return true;
      });
      await server.query("SET GLOBAL binlog_row_metadata = 'FULL', GLOBAL binlog_format = 'ROW'");
      const silent = await start({ settings: flavor === 'mariadb' ? { 'log-bin': null } : { 'log-bin': null, 'skip-log-bin': 'ON' } });
      await silent.query('CREATE DATABASE shop; CREATE TABLE shop.t (id int)');
      await assert.rejects(Streaming.open(t, silent), { code: 'BINLOG_OFF' });
      await silent.destroy();
    });
  });
}

test('MySQL without GTIDs: by file and offset, of the one server', { skip: skipUnless('mysql') }, async (t) => {
  const settings = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' };
  const server = await startMysql({ settings });
  t.after(async () => await server.destroy());
  await server.query(SCHEMA);
  const first = (await Streaming.open(t, server)).run();
  await server.query("INSERT INTO shop.t VALUES (1, 'a')");
  await first.changes(1);
  first.source.halt(true);
  const stored = first.stored();
  assert.equal(stored.position?.parts[0]?.gtid, '');
  await first.source.stop();
  await server.query("INSERT INTO shop.t VALUES (2, 'a')");
  await server.query('FLUSH BINARY LOGS');
  await server.query("INSERT INTO shop.t VALUES (3, 'a')");
  const second = (await Streaming.open(t, server, { stored })).run();
  assert.deepEqual(await second.changes(2), inserted(2, 3));
  await second.source.stop();
  const other = await startMysql({ settings });
  t.after(async () => await other.destroy());
  await other.query('CREATE DATABASE shop; CREATE TABLE shop.t (id int)');
  await assert.rejects(Streaming.open(t, other, { stored }), { code: 'SYSTEM_CHANGED' });
});
