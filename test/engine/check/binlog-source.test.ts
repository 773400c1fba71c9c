import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Step } from '../../../engine/check/steps.ts';
import { BINLOG_STEPS } from '../../../engine/check/step-names.ts';
import { startMariadb } from '../../support/mariadb.ts';
import { startMysql } from '../../support/mysql.ts';
import type { MysqlServer } from '../../support/mysql-server.ts';
import { freePort } from '../../support/ports.ts';
import { logEndOf } from '../../support/mysql-version.ts';
import { skipUnless } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { sampleRecord } from '../checkpoint/sample.ts';
import { binlogSource, finding, mendOn, passes, type Options } from './support.ts';

type Server = 'mariadb' | 'mysql';
const START: Readonly<Record<Server, () => Promise<MysqlServer>>> = { mariadb: startMariadb, mysql: startMysql };
const NAMES: Readonly<Record<Server, string>> = { mariadb: 'MariaDB', mysql: 'MySQL' };

for (const flavor of ['mariadb', 'mysql'] as const) {
  describe(`millrace check of ${NAMES[flavor]}`, { skip: skipUnless(flavor) }, () => {
    let server: MysqlServer;
    before(async () => {
      server = await START[flavor]();
      await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id int PRIMARY KEY, note text)');
    });
    after(() => server.destroy());

    const check = async (options: Options = {}) => (await binlogSource({ SOURCE_URL: server.url(), ...options })).steps;
    const mend = (step: Step) => mendOn(server, step);

    it('takes every step, and nothing stands in the way of a server that is set up', async () => {
      const steps = await check();
      assert.deepEqual([...new Set(steps.map(({ step }) => step))], [...BINLOG_STEPS]);
      passes(steps, ...BINLOG_STEPS.filter((step) => step !== 'server_id'));
      assert.match(steps.find(({ step }) => step === 'version')!.found, new RegExp(`^${NAMES[flavor]} \\d+\\.`));
    });

    it('connect, and login with the statement that makes the account', async () => {
      const nowhere = server.url().replace(String(server.port), String(await freePort()));
      assert.equal(finding(await check({ SOURCE_URL: nowhere }), 'connect', 'fail').code, 'SERVER_UNREACHABLE');
      const SOURCE_URL = server.url('app', 'secret-word');
      const refused = finding(await check({ SOURCE_URL }), 'login', 'fail');
      assert.equal(refused.code, 'LOGIN_REFUSED');
      assert.ok(!JSON.stringify(refused).includes('secret-word'));
      const withPassword = refused.remedies.map((remedy) => ({ ...remedy, text: remedy.text.replace('...', 'secret-word') }));
      await mend({ ...refused, remedies: withPassword });
      passes(await check({ SOURCE_URL }), 'login');
    });

    it('privileges and tables, each with the GRANT that the account lacks', async () => {
      await server.query("CREATE USER 'bare'@'%' IDENTIFIED BY 'bare'");
      const options = { SOURCE_URL: server.url('bare', 'bare'), TABLES: 'shop.*' };
      const steps = await check(options);
      const refused = steps.filter(({ step, state }) => step === 'privileges' && state === 'fail');
      assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['BINLOG_PRIVILEGE']));
      const hidden = finding(steps, 'tables', 'fail');
      for (const step of [...refused, hidden]) await mend(step);
      passes(await check(options), 'privileges', 'tables', 'keys');
    });

    it('settings of the log, each with the statement that sets it', async () => {
      await server.query(
        "SET GLOBAL binlog_format = 'MIXED'; SET GLOBAL binlog_row_image = 'MINIMAL'; SET GLOBAL binlog_checksum = 'NONE'",
      );
      await server.query(`SET GLOBAL binlog_row_metadata = '${flavor === 'mariadb' ? 'NO_LOG' : 'MINIMAL'}'`);
      const steps = await check();
      assert.equal(finding(steps, 'binlog_format', 'fail').code, 'BINLOG_FORMAT');
      assert.equal(finding(steps, 'binlog_row_metadata', 'fail').code, 'BINLOG_ROW_METADATA');
      assert.match(finding(steps, 'binlog_row_image', 'warn').found, /MINIMAL: an update has its key and the columns that it set/);
      for (const name of ['binlog_format', 'binlog_row_metadata'] as const) await mend(finding(steps, name, 'fail'));
      for (const name of ['binlog_row_image', 'binlog_checksum'] as const) await mend(finding(steps, name, 'warn'));
      passes(await check(), 'binlog_format', 'binlog_row_metadata', 'binlog_row_image', 'binlog_checksum');
    });

    it('retention: a log that is kept for less than a day, or less than the position is old', async () => {
      await server.query('SET GLOBAL binlog_expire_logs_seconds = 3600');
      await mend(finding(await check(), 'retention', 'warn'));
      passes(await check(), 'retention');
      const stored = await storedAtEnd();
      const later = () => Date.parse(stored.writtenAt) + 6 * 86_400_000;
      const report = await binlogSource({ SOURCE_URL: server.url() }, stored, later);
      assert.match(
        finding(report.steps, 'retention', 'warn').found,
        /kept for 7 days; the position was stored 6 days ago, \d+ bytes behind the end/,
      );
    });

    it('checkpoint: of another server or kind; retention: one whose log is gone', async () => {
      const SOURCE_URL = server.url();
      const stored = await storedAtEnd();
      passes((await binlogSource({ SOURCE_URL }, stored)).steps, 'checkpoint', 'retention');
      const ofPostgres = await binlogSource({ SOURCE_URL }, sampleRecord('0/1'));
      assert.equal(finding(ofPostgres.steps, 'checkpoint', 'fail').code, 'SOURCE_KIND_CHANGED');
      const other = { ...stored, source: { ...stored.source, serverId: 99, serverUuid: 'another' } };
      assert.equal(finding((await binlogSource({ SOURCE_URL }, other)).steps, 'checkpoint', 'fail').code, 'SYSTEM_CHANGED');
      await server.query('FLUSH BINARY LOGS');
      const newest = server.binlogs().at(-1)!.split('/').at(-1)!;
      // A file that InnoDB may still need to recover from is passed over.
      const isPurged = async () => {
        await server.query(`PURGE BINARY LOGS TO '${newest}'`);
        return server.binlogs().length === 1;
      };
      await until(isPurged, { what: () => `the log to begin with ${newest}` });
      assert.equal(finding((await binlogSource({ SOURCE_URL }, stored)).steps, 'retention', 'fail').code, 'BINLOG_PURGED');
    });

    it('server_id of the server itself, tables without a key, other tables than were meant', async () => {
      assert.equal(finding(await check({ SERVER_ID: '1' }), 'server_id', 'fail').code, 'SERVER_ID_TAKEN');
      await server.query('CREATE TABLE shop.audit (note text)');
      const keyless = finding(await check(), 'keys', 'warn');
      assert.equal(keyless.subject, 'shop.audit');
      assert.match(keyless.remedies[0]!.text, /^ALTER TABLE `shop`\.`audit` ADD PRIMARY KEY/);
      const misspelt = finding(await check({ TABLES: 'shop.ordres' }), 'tables', 'fail');
      assert.match(misspelt.found, /Near it: shop\.orders/);
    });

    /** A checkpoint by file and offset at the end of the log. */
    async function storedAtEnd() {
      const part = { connection: 'binlog', flavor, gtid: '', ...(await logEndOf(server)) } as const;
      const [own] = await server.query<{ uuid: string }>(`SELECT ${flavor === 'mysql' ? '@@server_uuid' : 'NULL'} AS uuid`);
      const source = { kind: 'binlog', flavor, serverUuid: own!.uuid, serverId: 1 } as const;
      const position = { kind: 'binlog', parts: [part] } as const;
      return sampleRecord('0/1', { position, source, writtenAt: new Date().toISOString() });
    }
  });
}
