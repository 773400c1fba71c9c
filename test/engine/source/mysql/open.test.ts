import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startMariadb } from '../../../support/mariadb.ts';
import { startMysql } from '../../../support/mysql.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { Streaming } from './streaming.ts';

const inserted = (...ids: number[]) => ids.map((id) => `insert shop.t new(${id},a)`);

for (const [flavor, start] of [
  ['mariadb', startMariadb],
  ['mysql', startMysql],
] as const) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;
    const insert = async (id: number) => await server.query(`INSERT INTO shop.t VALUES (${id}, 'a')`);
    const end = async () => {
      const { File, Position } = (await server.query<{ File: string; Position: number }>('SHOW MASTER STATUS'))[0]!;
      return `${File}:${Position}`;
    };
    const gtid = async () => {
      const [row] = await server.query<{ gtid: string }>(
        `SELECT ${flavor === 'mariadb' ? '@@gtid_binlog_pos' : '@@gtid_executed'} AS gtid`,
      );
      return row!.gtid;
    };

    before(async () => {
      server = await start();
      await server.query('CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, v varchar(20))');
    });
    after(async () => await server.destroy());

    describe('a start without a checkpoint', () => {
      let place: string;
      let between: string;
      let whole: string;

      before(async () => {
        await insert(1);
        [place, between] = [await end(), await gtid()];
        await insert(2);
        await server.query('FLUSH BINARY LOGS');
        await insert(3);
        whole = await gtid();
      });

      test('newest: what comes from now on, with GTIDs and place', async (t) => {
        const streaming = (await Streaming.open(t, server)).run();
        assert.deepEqual(streaming.saved?.position, {
          kind: 'binlog',
          parts: [
            { connection: 'binlog', flavor, gtid: whole, file: (await end()).split(':')[0], offset: Number((await end()).split(':')[1]) },
          ],
        });
        await insert(4);
        assert.deepEqual(await streaming.changes(1), inserted(4));
      });

      test('oldest: all that the log has', async (t) => {
        const streaming = (await Streaming.open(t, server, { start: 'oldest' })).run();
        assert.deepEqual(await streaming.changes(4), inserted(1, 2, 3, 4));
      });

      test('behind GTIDs, and at a place, which is known by its GTIDs then', async (t) => {
        const byGtid = (await Streaming.open(t, server, { start: between })).run();
        assert.deepEqual(await byGtid.changes(3), inserted(2, 3, 4));
        await byGtid.source.stop();
        const byPlace = (await Streaming.open(t, server, { start: place })).run();
        assert.equal(byPlace.saved?.position?.parts[0]?.gtid, between);
        assert.deepEqual(await byPlace.changes(3), inserted(2, 3, 4));
      });

      test('at a time', async (t) => {
        await server.query("SET timestamp = 2000000000; INSERT INTO shop.t VALUES (5, 'a')");
        await insert(6);
        const streaming = (await Streaming.open(t, server, { start: new Date(2_000_000_000_000).toISOString() })).run();
        assert.deepEqual(await streaming.changes(2), inserted(5, 6));
        await streaming.source.stop();
        const later = (await Streaming.open(t, server, { start: new Date(2_000_000_001_000).toISOString() })).run();
        await insert(7);
        assert.deepEqual(await later.changes(1), inserted(7), 'of the end of the log when nothing is as late');
        await later.source.stop();
        const before = (await Streaming.open(t, server, { start: '2000-01-01T00:00:00Z' })).run();
        assert.deepEqual(await before.changes(7), inserted(1, 2, 3, 4, 5, 6, 7), 'the log is whole');
      });

      test('places that are none', async (t) => {
        const [file, offset] = place.split(':');
        for (const [given, message] of [
          [`${file}:${Number(offset) - 10}`, /no transaction of .* ends at/],
          [`${file}:99999999`, /ends at \d+/],
          ['binlog.000099:4', /has no file binlog.000099: its log begins with binlog.000001 and ends with/],
          [flavor === 'mariadb' ? '3e11fa47-71ca-11e1-9e33-c80aa9429562:1' : '0-1-5', /is no GTID of this server/],
        ] as const) {
          await assert.rejects(Streaming.open(t, server, { start: given }), { code: 'START_POSITION_INVALID', message }, given);
        }
        const future = flavor === 'mariadb' ? '0-1-99999' : between.replace(/\d+$/, '99999');
        await assert.rejects(Streaming.open(t, server, { start: future }), { code: 'GTID_UNKNOWN', message: /The server never wrote/ });
      });
    });

    test('a log that was purged behind a position: from the checkpoint, from a GTID, and from a time before', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(20);
      await streaming.changes(1);
      const stored = streaming.stored();
      const old = await gtid();
      await streaming.source.stop();
      await insert(21);
      await server.query('FLUSH BINARY LOGS');
      await insert(22);
      // A file that a dump or the recovery may still need stays for a moment.
      const purge = async () => {
        await server.query(`PURGE BINARY LOGS TO '${(await end()).split(':')[0]}'`);
        return (await server.query('SHOW BINARY LOGS')).length === 1;
      };
      await until(purge, { deadlineMs: 20_000, everyMs: 200, what: 'the old files to go' });
      const ofStart = async (options: Parameters<typeof Streaming.open>[2]) =>
        (await (await Streaming.open(t, server, options)).run().ended) ?? null;
      for (const options of [{ stored }, { start: old }, { start: '2000-01-01T00:00:00Z' }]) {
        const error = await ofStart(options).catch((thrown: Error) => thrown as Error & { code?: string });
        assert.equal(error?.code, 'BINLOG_PURGED', `${JSON.stringify(options)} ${error?.message}`);
      }
      const oldest = (await Streaming.open(t, server, { start: 'oldest' })).run();
      assert.deepEqual(await oldest.changes(1), inserted(22));
    });

    test('a log that was reset, before and after it has come by the old numbers again', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(30);
      await streaming.changes(1);
      streaming.source.halt(true);
      const stored = streaming.stored();
      await streaming.source.stop();
      await server.query('RESET MASTER');
      await assert.rejects(Streaming.open(t, server, { stored }), { code: 'GTID_UNKNOWN' });
      if (flavor === 'mysql') return;
      // One file after the other, until that of the position is there again and long enough.
      for (let id = 1000; id < 1060; id++) await insert(id);
      for (let file = 1; file < 5; file++) await server.query('FLUSH BINARY LOGS');
      for (let id = 1060; id < 1100; id++) await insert(id);
      await assert.rejects(Streaming.open(t, server, { stored }), { code: 'BINLOG_RESET' });
    });

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
  await server.query('CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, v varchar(20))');
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
