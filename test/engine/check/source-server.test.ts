import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openSession } from '../../../engine/source/postgres/connection.ts';
import { parseConnectionUrl } from '../../../engine/source/postgres/url.ts';
import { standbyOf } from '../../support/postgres-copy.ts';
import { ALL_VERSIONS } from '../../support/postgres-install.ts';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { skipUnless } from '../../support/skip.ts';
import { finding, mend, passes, source, type Options } from './support.ts';

/** As a server is that nobody has prepared. */
const UNPREPARED = { wal_level: null, max_wal_senders: null, max_replication_slots: null };

for (const version of ALL_VERSIONS) {
  describe(`millrace check: the server, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    const restart = async (statements: readonly string[]) => {
      for (const statement of statements) await server.query(statement);
      await server.stop();
      await server.start();
    };
    const check = async (options: Options = {}) => (await source({ SOURCE_URL: server.url('postgres', 'app'), ...options })).steps;

    before(async () => {
      server = await startPostgres({ version, settings: UNPREPARED });
      await server.query(`CREATE ROLE app LOGIN; CREATE ROLE owner; GRANT owner TO app; GRANT CREATE ON DATABASE postgres TO app;
        CREATE TABLE orders (id int PRIMARY KEY); ALTER TABLE orders OWNER TO owner; CREATE TABLE hidden (id int PRIMARY KEY)`);
    });
    after(() => server.destroy());

    it('an unprepared server fails three steps; what each of them says mends it, and nothing is changed by looking', async () => {
      const steps = await check({ TABLES: 'orders' });
      passes(steps, 'version', 'primary', 'walsenders', 'checkpoint', 'slots', 'tables', 'publication');
      const level = finding(steps, 'wal_level', 'fail');
      const privilege = finding(steps, 'privileges', 'fail');
      assert.deepEqual([level.code, privilege.code], ['WAL_LEVEL', 'REPLICATION_PRIVILEGE']);
      // Told by the replication connection alone.
      assert.equal(steps.find(({ step }) => step === 'wal_sender_timeout')!.state, 'skipped');
      await mend(server, level);
      await mend(server, privilege);
      const mended = await check({ TABLES: 'orders' });
      passes(mended, 'wal_level', 'privileges', 'wal_sender_timeout');
      await mend(server, finding(mended, 'max_slot_wal_keep_size', 'warn'));
      const prepared = await check({ TABLES: 'orders' });
      passes(prepared, 'max_slot_wal_keep_size');
      assert.ok(
        prepared.every(({ state }) => state === 'pass' || state === 'skipped'),
        JSON.stringify(prepared),
      );
      assert.deepEqual(await server.query('SELECT 1 FROM pg_replication_slots UNION ALL SELECT 1 FROM pg_publication'), []);
    });

    it('tables that are read take SELECT', async () => {
      const options = { TABLES: 'hidden', SYNC_MODE: 'FULL' };
      const refused = finding(await check(options), 'privileges', 'fail');
      assert.equal(refused.code, 'TABLE_PRIVILEGE');
      await mend(server, refused);
      const steps = await check(options);
      passes(steps, 'privileges', 'tables', 'partitions');
      const needless = steps.filter(({ state }) => state === 'skipped').map(({ step }) => step);
      assert.deepEqual(needless, [
        'wal_level',
        'walsenders',
        'max_slot_wal_keep_size',
        'wal_sender_timeout',
        'slots',
        'replica_identity',
        'publication',
      ]);
    });

    it('walsenders: none left fails, the last one warns', async () => {
      await restart(['ALTER SYSTEM SET max_wal_senders = 1']);
      const last = finding(await check({ TABLES: 'orders' }), 'walsenders', 'warn');
      assert.match(last.found, /^0 of 1 taken: Millrace takes the last one/);
      const { settings } = parseConnectionUrl(server.url(), {});
      const taker = await openSession({ settings, kind: 'replication', warn: () => undefined });
      const none = finding(await check({ TABLES: 'orders' }), 'walsenders', 'fail');
      assert.equal(none.code, 'WAL_SENDERS_EXHAUSTED');
      await taker.close();
      await mend(server, none);
      passes(await check({ TABLES: 'orders' }), 'walsenders');
    });

    it('slots: all taken, one that is not ours, one of another kind', async () => {
      await restart(['ALTER SYSTEM SET max_replication_slots = 1', "SELECT pg_create_physical_replication_slot('theirs')"]);
      const options = { TABLES: 'orders' };
      const none = finding(await check(options), 'slots', 'fail');
      assert.equal(none.code, 'SLOTS_EXHAUSTED');
      await mend(server, none);
      passes(await check(options), 'slots');
      const physical = (await check({ ...options, SLOT: 'theirs' })).find(({ code }) => code === 'SLOT_UNSUITABLE');
      assert.match(physical!.remedies[0]!.text, /MILLRACE_SLOT to another name/);
      await server.query("SELECT pg_create_logical_replication_slot('millrace_default', 'pgoutput')");
      await server.query('CREATE PUBLICATION millrace_default FOR TABLE orders');
      const foreign = (await check(options)).find(({ code }) => code === 'SLOT_FOREIGN');
      assert.match(foreign!.remedies[0]!.text, /MILLRACE_SLOT_ADOPT=true/);
      const adopted = (await check({ ...options, SLOT_ADOPT: 'true' })).filter(({ step }) => step === 'slots');
      // From 17 on it is told that a slot made so does not survive a failover.
      assert.deepEqual([...new Set(adopted.map(({ state }) => state))], [Number(version) >= 17 ? 'warn' : 'pass']);
      await server.query("SELECT pg_drop_replication_slot('millrace_default'); DROP PUBLICATION millrace_default");
      passes(await check(options), 'slots', 'publication');
    });

    it('wal_sender_timeout: switched off, and too short', async () => {
      for (const value of ['0', '2s']) {
        await server.query(`ALTER ROLE app SET wal_sender_timeout = '${value}'`);
        await mend(server, finding(await check({ TABLES: 'orders' }), 'wal_sender_timeout', 'warn'));
        passes(await check({ TABLES: 'orders' }), 'wal_sender_timeout');
      }
    });

    it('primary: a standby fails, and is read by FULL', async (t) => {
      const standby = await standbyOf(t, server);
      const options = { SOURCE_URL: standby.url('postgres', 'app'), TABLES: 'orders' };
      const refused = finding(await check(options), 'primary', 'fail');
      assert.equal(refused.code, 'SERVER_STANDBY');
      passes(await check({ ...options, SYNC_MODE: 'FULL' }), 'primary', 'privileges', 'tables');
    });
  });
}
