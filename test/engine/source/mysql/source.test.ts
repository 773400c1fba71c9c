import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { startMariadb } from '../../../support/mariadb.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { FLAVORS, SCHEMA, insert, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

for (const [flavor, start] of FLAVORS) {
  describe(flavor, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start({ settings: { 'max-allowed-packet': '64M' } });
      await server.query(SCHEMA);
    });
    after(async () => await server.destroy());

    test('changes come as transactions, and a start from where they were read to goes on behind them', async (t) => {
      const first = (await Streaming.open(t, server)).run();
      assert.equal(first.opened.stream?.isNew, true);
      assert.deepEqual(first.saved?.source, first.opened.binding);
      await server.query("BEGIN; INSERT INTO shop.t VALUES (1, 'a'); UPDATE shop.t SET v = 'b'; COMMIT; DELETE FROM shop.t");
      assert.deepEqual(await first.changes(3), ['insert shop.t new(1,a)', 'update shop.t old(1,a) new(1,b)', 'delete shop.t old(1,b)']);
      await until(() => first.sink.lines.filter((line) => line.startsWith('commit')).length === 2, {
        deadlineMs: 5000,
        what: 'two commits',
      });
      const stored = first.stored();
      first.source.ack(stored.position!);
      await first.source.stop();
      assert.equal(await first.ended, null);
      await insert(server, 2);
      const second = (await Streaming.open(t, server, { stored })).run();
      assert.equal(second.opened.stream?.isNew, false);
      await insert(server, 3);
      assert.deepEqual(await second.changes(2), inserted(2, 3));
    });

    test('a position has GTIDs and place; rotation moves it to the next file, without a row too', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 10);
      await streaming.changes(1);
      const gtid = flavor === 'mariadb' ? /^0-1-\d+ binlog\.0*(\d+):\d+$/ : /^[0-9a-f-]{36}:1-\d+ binlog\.0*(\d+):\d+$/;
      assert.match(streaming.text(), gtid);
      const file = Number(gtid.exec(streaming.text())![1]);
      await server.query('FLUSH BINARY LOGS');
      await until(() => Number(gtid.exec(streaming.text())?.[1]) === file + 1, {
        deadlineMs: 5000,
        what: () => `the next file: ${streaming.text()}`,
      });
      await insert(server, 11);
      await streaming.changes(2);
      assert.equal(Number(gtid.exec(streaming.text())![1]), file + 1);
      const { lagBytes, connected, stalled, transactions, silentMs, reconnects } = streaming.source.status();
      assert.deepEqual({ connected, stalled, reconnects }, { connected: true, stalled: false, reconnects: 0 });
      assert.ok(transactions >= 2 && silentMs < 20_000 && (lagBytes === null || lagBytes >= 0));
      await until(() => streaming.source.status().lagBytes === 0, { deadlineMs: 10_000, what: 'no lag' });
      await until(() => streaming.source.status().lagTransactions === 0, { deadlineMs: 10_000, what: 'no transaction behind' });
      const { log, lagBytes: behind, position } = streaming.source.status();
      assert.deepEqual([log?.fileNumber, `${log?.gtid} ${log?.file}:${log?.offset}`, behind], [file + 1, position, 0]);
      // All files of the log, and what a server keeps that is told nothing.
      const onDisk = server.binlogs().reduce((sum, path) => sum + statSync(path).size, 0);
      await until(() => streaming.source.status().log?.keptBytes === onDisk, { deadlineMs: 10_000, what: 'the size of the log' });
      assert.equal(streaming.source.status().log?.expireSeconds, flavor === 'mysql' ? 2_592_000 : 0);
      await server.query('SET GLOBAL binlog_expire_logs_seconds = 86400');
      await until(() => streaming.source.status().log?.expireSeconds === 86_400, { deadlineMs: 10_000, what: 'the new age' });
    });

    test('a sink without room stops the reading, and gets what it refused again', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      streaming.sink.refusals = 1;
      await insert(server, 20, 21);
      await until(() => streaming.source.status().stalled, { deadlineMs: 5000, what: 'the source to be stalled' });
      assert.deepEqual(streaming.sink.changes, []);
      streaming.source.resume();
      assert.deepEqual(await streaming.changes(2), inserted(20, 21));
      assert.equal(streaming.source.status().stalled, false);
    });

    test('a large row, over several packets and many reads', async (t) => {
      await server.query('CREATE TABLE shop.large (id int PRIMARY KEY, v longblob)');
      const streaming = (await Streaming.open(t, server)).run();
      await server.query("INSERT INTO shop.large VALUES (1, REPEAT('x', 20000000)), (2, 'y')");
      const [first, second] = await streaming.changes(2);
      assert.ok(first!.length > 20_000_000);
      assert.equal(second, "insert shop.large new(2,x'79')");
      await server.query('DROP TABLE shop.large');
    });

    test('an event that is larger than there is memory for is told, by what it needs', async (t) => {
      await server.query('CREATE TABLE shop.larger (id int PRIMARY KEY, v longblob)');
      const streaming = (await Streaming.open(t, server, { eventBytesMax: 1_000_000 })).run();
      await server.query("INSERT INTO shop.larger VALUES (1, REPEAT('x', 2000000))");
      const error = await streaming.ended;
      assert.equal(error?.code, 'EVENT_TOO_LARGE');
      assert.match(error.message, /MILLRACE_MEMORY/);
      await server.query('DROP TABLE shop.larger');
    });

    test('once halted it gives nothing more', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 30);
      await streaming.changes(1);
      streaming.source.halt(false);
      assert.ok(streaming.source.hasHalted);
      await insert(server, 31);
      const other = (await Streaming.open(t, server, { serverId: 4_000_000_002, stored: streaming.stored() })).run();
      await other.changes(1);
      assert.deepEqual(streaming.sink.changes, inserted(30));
    });

    test('over a Unix socket, and without checksums in the log', async (t) => {
      const url = `${flavor}://millrace:millrace@/shop?socket=${server.socketPath}`;
      await server.query("SET GLOBAL binlog_checksum = 'NONE'");
      const streaming = (await Streaming.open(t, server, { url })).run();
      await insert(server, 40);
      await server.query("SET GLOBAL binlog_checksum = 'CRC32'");
      await insert(server, 41);
      assert.deepEqual(await streaming.changes(2), inserted(40, 41));
    });
  });
}

test('MariaDB: several domains, each with its own place in the position', { skip: skipUnless('mariadb') }, async (t) => {
  const server = await startMariadb();
  t.after(async () => await server.destroy());
  await server.query(SCHEMA);
  const streaming = (await Streaming.open(t, server)).run();
  await server.query(
    "SET gtid_domain_id = 7; INSERT INTO shop.t VALUES (1, 'a'); SET gtid_domain_id = 3; INSERT INTO shop.t VALUES (2, 'a')",
  );
  await server.query("INSERT INTO shop.t VALUES (3, 'a')");
  await streaming.changes(3);
  streaming.source.halt(true);
  assert.match(streaming.text(), /^0-1-3,3-1-1,7-1-1 binlog/, 'a halt tells the end exactly');
  const stored = streaming.stored();
  await streaming.source.stop();
  await server.query(
    "SET gtid_domain_id = 7; INSERT INTO shop.t VALUES (4, 'a'); SET gtid_domain_id = 9; INSERT INTO shop.t VALUES (5, 'a')",
  );
  await server.query('FLUSH BINARY LOGS');
  const again = (await Streaming.open(t, server, { stored })).run();
  assert.deepEqual(await again.changes(2), inserted(4, 5));
  const isWhole = () => again.text().startsWith('0-1-3,3-1-1,7-1-2,9-1-1 binlog');
  await until(isWhole, { deadlineMs: 5000, what: () => `the whole position: ${again.text()}` });
});
