import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Step } from '../../../engine/check/steps.ts';
import type { MysqlServer } from '../../support/mysql-server.ts';
import { skipUnless } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { FLAVORS } from '../source/mysql/shop.ts';
import { Streaming } from '../source/mysql/streaming.ts';
import { binlogSource, finding, mendOn, passes, type Options } from './support.ts';

for (const [flavor, start] of FLAVORS) {
  describe(`what a log of ${flavor} has and leaves out`, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;
    before(async () => {
      server = await start();
      await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY, note text)');
    });
    after(() => server.destroy());

    const check = async (options: Options = {}) => (await binlogSource({ SOURCE_URL: server.url(), ...options })).steps;
    const mend = (step: Step) => mendOn(server, step);

    it('MySQL: JSON that is logged in parts, and a mode without GTIDs', { skip: flavor !== 'mysql' }, async () => {
      await server.query("SET GLOBAL binlog_row_value_options = 'PARTIAL_JSON'; SET GLOBAL gtid_mode = 'ON_PERMISSIVE'");
      const steps = await check();
      assert.match(finding(steps, 'gtid_mode', 'warn').found, /^gtid_mode is ON_PERMISSIVE: /);
      await mend(finding(steps, 'binlog_row_value_options', 'warn'));
      await server.query("SET GLOBAL gtid_mode = 'ON'");
      passes(await check(), 'binlog_row_value_options', 'gtid_mode');
    });

    it('engines and XA: tables without transactions, and transactions that end the stream', async () => {
      await server.query(
        'CREATE TABLE shop.notes (id int PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE shop.cache (id int PRIMARY KEY) ENGINE = MEMORY',
      );
      const found = (await check()).filter(({ step, state }) => step === 'engines' && state === 'warn');
      assert.deepEqual(
        found.map(({ subject, found: seen }) => [subject, seen.split(':')[0]]),
        [
          ['shop.cache', 'MEMORY'],
          ['shop.notes', 'MyISAM'],
        ],
      );
      for (const step of found) await mend(step);
      passes(await check(), 'engines', 'xa');
      await server.query("XA START 'a'; INSERT INTO shop.notes VALUES (1); XA END 'a'; XA PREPARE 'a'; XA COMMIT 'a'");
      assert.match(finding(await check(), 'xa', 'warn').found, /^1 XA transaction since the server was started/);
    });

    it('server_id of another replica', async (t) => {
      (await Streaming.open(t, server)).run();
      const options = { SOURCE_URL: server.url('root', ''), SERVER_ID: '4000000001' };
      const isTaken = async () => (await check(options)).find(({ step, state }) => step === 'server_id' && state === 'fail');
      assert.match((await until(isTaken, { what: 'the replica to be seen' })).found, /^The replica millrace test is connected/);
    });

    it('log_bin, and what a log leaves out: databases, and what is replicated', async () => {
      const isMysql = flavor === 'mysql';
      const updates = isMysql ? 'log-replica-updates' : 'log-slave-updates';
      await server.stop();
      await server.start({ 'binlog-ignore-db': 'shop', [updates]: 'OFF' });
      if (!isMysql) await server.query("SET GLOBAL gtid_slave_pos = CONCAT(@@gtid_binlog_pos, ',1-7-1')");
      await server.query('CREATE DATABASE other; CREATE TABLE other.t (id int PRIMARY KEY)');
      const steps = await check();
      assert.match(
        finding(steps, 'binlog_databases', 'warn').found,
        /^binlog_ignore_db is shop: changes of the tables of shop are not in the log/,
      );
      assert.match(finding(steps, 'log_replica_updates', 'warn').found, /is OFF: the log lacks what comes to this server by replication/);
      passes(await check({ TABLES: 'other.*' }), 'binlog_databases');
      await server.stop();
      await server.start({ 'log-bin': null, 'skip-log-bin': '' });
      assert.equal(finding(await check(), 'log_bin', 'fail').code, 'BINLOG_OFF');
    });
  });
}
