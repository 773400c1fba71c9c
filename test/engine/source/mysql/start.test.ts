import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BinlogStart } from '../../../../engine/change/source-binding.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { isSince, resetLog, versionOf } from '../../../support/mysql-version.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { FLAVORS, SCHEMA, insert, inserted, logEnd, writtenGtids } from './shop.ts';
import { Streaming } from './streaming.ts';

const FAR = 2 ** 32 + 1234;

for (const [flavor, start] of FLAVORS) {
  describe(`${flavor}: a start without a checkpoint`, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start();
      await server.query(SCHEMA);
    });
    after(async () => await server.destroy());

    let place: string;
    let between: string;
    let whole: string;

    before(async () => {
      await insert(server, 1);
      [place, between] = [await logEnd(server), await writtenGtids(server)];
      await insert(server, 2);
      await server.query('FLUSH BINARY LOGS');
      await insert(server, 3);
      whole = await writtenGtids(server);
    });

    test('newest: what comes from now on, with GTIDs and place', async (t) => {
      // In its own time, MariaDB ends a rotation with an event behind the last transaction.
      const earliest = await logEnd(server);
      const streaming = (await Streaming.open(t, server)).run();
      const [{ file, offset, ...part } = { file: '', offset: 0 }] = streaming.saved?.position?.parts ?? [];
      assert.deepEqual(part, { connection: 'binlog', flavor, gtid: whole });
      assert.ok([earliest, await logEnd(server)].includes(`${file}:${offset}`), `${file}:${offset}`);
      await insert(server, 4);
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
      await insert(server, 6);
      const streaming = (await Streaming.open(t, server, { start: new Date(2_000_000_000_000).toISOString() })).run();
      assert.deepEqual(await streaming.changes(2), inserted(5, 6));
      await streaming.source.stop();
      const later = (await Streaming.open(t, server, { start: new Date(2_000_000_001_000).toISOString() })).run();
      await insert(server, 7);
      assert.deepEqual(await later.changes(1), inserted(7), 'of the end of the log when nothing is as late');
      await later.source.stop();
      const early = (await Streaming.open(t, server, { start: '2000-01-01T00:00:00Z' })).run();
      assert.deepEqual(await early.changes(7), inserted(1, 2, 3, 4, 5, 6, 7), 'the log is whole');
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

    test('a stored place beyond the first 4 GB of a file, of which servers know nothing: by its GTIDs', async (t) => {
      const { opened } = await Streaming.open(t, server);
      await opened.close();
      const [first] = server.binlogs();
      // Larger than it is, by a hole that nobody reads.
      const { size } = statSync(first!);
      truncateSync(first!, FAR + 1000);
      t.after(() => truncateSync(first!, size));
      const part = { connection: 'binlog', flavor, gtid: await writtenGtids(server), file: basename(first!), offset: FAR };
      const stored = { position: { kind: 'binlog', parts: [part] }, source: opened.binding } as BinlogStart;
      const streaming = (await Streaming.open(t, server, { stored })).run();
      await insert(server, 99);
      assert.deepEqual(await streaming.changes(1), inserted(99));
    });
  });
}

for (const [flavor, start] of FLAVORS) {
  describe(`${flavor}: a log that is no longer what it was`, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;

    before(async () => {
      server = await start();
      await server.query(SCHEMA);
    });
    after(async () => await server.destroy());

    test('a log that was purged behind a position: from the checkpoint, from a GTID, and from a time before', async (t) => {
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 20);
      await streaming.changes(1);
      const stored = streaming.stored();
      const old = await writtenGtids(server);
      await streaming.source.stop();
      await insert(server, 21);
      await server.query('FLUSH BINARY LOGS');
      await insert(server, 22);
      // A file that a dump or the recovery may still need stays for a moment.
      const purge = async () => {
        await server.query(`PURGE BINARY LOGS TO '${(await logEnd(server)).split(':')[0]}'`);
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
      await insert(server, 30);
      await streaming.changes(1);
      streaming.source.halt(true);
      const stored = streaming.stored();
      await streaming.source.stop();
      await resetLog(server);
      await assert.rejects(Streaming.open(t, server, { stored }), { code: 'GTID_UNKNOWN' });
      if (flavor === 'mysql') return;
      // One file after the other, until that of the position is there again and long enough.
      for (let id = 1000; id < 1060; id++) await insert(server, id);
      for (let file = 1; file < 5; file++) await server.query('FLUSH BINARY LOGS');
      for (let id = 1060; id < 1100; id++) await insert(server, id);
      await assert.rejects(Streaming.open(t, server, { stored }), { code: 'BINLOG_RESET' });
    });

    test('GTIDs with tags: a start behind them; a transaction with one is named', async (t) => {
      if (flavor === 'mariadb' || !isSince(await versionOf(server), '8.3')) return t.skip('MySQL has them from 8.3 on');
      const tagged = (id: number) => `SET gtid_next = 'AUTOMATIC:batch'; INSERT INTO shop.t VALUES (${id}, 'a'); SET gtid_next = AUTOMATIC`;
      await server.query(tagged(40));
      const streaming = (await Streaming.open(t, server)).run();
      await insert(server, 41);
      assert.deepEqual(await streaming.changes(1), inserted(41));
      assert.match(streaming.text(), /^[0-9a-f-]{36}:1:batch:1 /);
      await server.query(tagged(42));
      assert.equal((await streaming.ended)?.code, 'BINLOG_EVENT_UNSUPPORTED');
      assert.deepEqual(streaming.sink.changes, inserted(41));
    });
  });
}
