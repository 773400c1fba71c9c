import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startPostgres, type PostgresServer } from '../../support/postgres.ts';
import { ALL_VERSIONS } from '../../support/postgres-install.ts';
import { skipUnless } from '../../support/skip.ts';
import { finding, mend, passes, source, type Options } from './support.ts';

for (const version of ALL_VERSIONS) {
  describe(`millrace check: the tables, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    let databases = 0;
    before(async () => {
      server = await startPostgres({ version, settings: { max_slot_wal_keep_size: '1GB' } });
      await server.query('CREATE ROLE app LOGIN REPLICATION');
    });
    after(() => server.destroy());

    /** A database of its own with this in it; returns its name and what looks at it. */
    const shop = async (schema: string, user = 'postgres') => {
      const database = `shop_${(databases += 1)}`;
      await server.query(`CREATE DATABASE ${database}`);
      await server.query(schema, undefined, database);
      const check = async (options: Options = {}) => (await source({ SOURCE_URL: server.url(database, user), ...options })).steps;
      return { database, check };
    };

    it('all is well with tables that lack nothing, and the names go on to Kafka', async () => {
      const { database, check } = await shop('CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY)');
      passes(await check(), 'tables', 'replica_identity', 'publication', 'partitions');
      const { tables } = await source({ SOURCE_URL: server.url(database) });
      assert.deepEqual(
        tables,
        ['orders', 'stock'].map((table) => ({ database, schema: 'public', table, isKeyed: true })),
      );
    });

    it('tables: a name that means nothing fails, an unlogged one warns', async () => {
      const { database, check } = await shop('CREATE TABLE orders (id int PRIMARY KEY); CREATE UNLOGGED TABLE loose (id int PRIMARY KEY)');
      const unknown = finding(await check({ TABLES: 'ordres' }), 'tables', 'fail');
      assert.equal(unknown.code, 'TABLES_NO_MATCH');
      assert.match(unknown.found, /Near it: public\.orders/);
      const { steps, tables } = await source({ SOURCE_URL: server.url(database), TABLES: 'ordres' });
      assert.deepEqual([steps.find(({ step }) => step === 'publication')!.found, tables], ['tables failed', null]);
      await mend(server, finding(await check(), 'tables', 'warn'), database);
      passes(await check(), 'tables');
    });

    it('tables: two that messages would give one name', async () => {
      const { check } = await shop('CREATE TABLE t (id int PRIMARY KEY); CREATE SCHEMA other CREATE TABLE t (id int PRIMARY KEY)');
      const clash = finding(await check({ SCHEMA_NAME: 'bare' }), 'tables', 'fail');
      const [, name = '', value = ''] = /^set MILLRACE_(\w+)=(\w+)$/.exec(clash.remedies[0]!.text)!;
      passes(await check({ SCHEMA_NAME: 'bare', [name]: value }), 'tables');
    });

    it('replica_identity: a table without one, and one that tells of the key alone where the old row is wanted', async () => {
      const { database, check } = await shop('CREATE TABLE log (id int); CREATE TABLE orders (id int PRIMARY KEY)');
      const without = finding(await check(), 'replica_identity', 'warn');
      assert.equal(without.subject, 'public.log');
      await mend(server, without, database);
      passes(await check(), 'replica_identity');
      const partial = finding(await check({ OLD: 'full' }), 'replica_identity', 'warn');
      assert.equal(partial.subject, 'public.orders');
      await mend(server, partial, database);
      passes(await check({ OLD: 'full' }), 'replica_identity');
    });

    it('publication: the role may not create one, one that lacks a table, one that leaves operations out', async () => {
      const tables = 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE stock (id int PRIMARY KEY)';
      const { database, check } = await shop(tables, 'app');
      const refused = finding(await check({ TABLES: 'orders' }), 'publication', 'fail');
      assert.equal(refused.code, 'PUBLICATION_PRIVILEGE');
      await mend(server, refused, database);
      passes(await check({ TABLES: 'orders' }), 'publication');
      const incomplete = finding(await check(), 'publication', 'fail');
      assert.equal(incomplete.code, 'PUBLICATION_INCOMPLETE');
      await mend(server, incomplete, database);
      passes(await check(), 'publication');
      await server.query("ALTER PUBLICATION millrace_default SET (publish = 'insert')", undefined, database);
      await mend(server, finding(await check(), 'publication', 'warn'), database);
      passes(await check(), 'publication');
    });

    it('partitions: one whose changes are not in the log', async () => {
      const { database, check } = await shop(`CREATE TABLE events (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
        CREATE UNLOGGED TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20)`);
      const lost = finding(await check({ TABLES: 'events' }), 'partitions', 'warn');
      assert.match(lost.found, /public\.events_2 is an unlogged table/);
      await mend(server, lost, database);
      const steps = await check({ TABLES: 'events' });
      passes(steps, 'partitions');
      assert.match(steps.find(({ step }) => step === 'partitions')!.found, /^public\.events has 2 partitions, exported under the name/);
    });

    it('snapshot_size: a table that somebody holds locked is not waited for', async () => {
      const { database, check } = await shop('CREATE TABLE orders (id int PRIMARY KEY); ANALYZE orders');
      const holder = await server.client(database);
      await holder.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');
      const locked = finding(await check({ SYNC_MODE: 'FULL + INCREMENTAL' }), 'snapshot_size', 'warn');
      assert.match(locked.found, /ACCESS EXCLUSIVE.*2s/);
      const holders = await server.query<{ relation: string }>(locked.remedies[0]!.text, undefined, database);
      assert.deepEqual([...new Set(holders.map(({ relation }) => relation))], ['orders']);
      await holder.query('COMMIT');
      await holder.end();
      passes(await check({ SYNC_MODE: 'FULL + INCREMENTAL' }), 'snapshot_size');
    });

    it('snapshot_size: an estimate of what is read, and a table of which the server has none', async () => {
      const { database, check } = await shop(
        'CREATE TABLE orders (id int PRIMARY KEY, v text); ALTER TABLE orders SET (autovacuum_enabled = off); ' +
          "INSERT INTO orders SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n",
      );
      const full = { SYNC_MODE: 'FULL + INCREMENTAL' };
      const unknown = (await check(full)).filter(({ step, state }) => step === 'snapshot_size' && state === 'warn');
      assert.deepEqual(
        unknown.map(({ subject }) => subject),
        ['public.orders'],
      );
      await mend(server, unknown[0]!, database);
      const steps = await check(full);
      passes(steps, 'snapshot_size');
      assert.match(steps.find(({ step }) => step === 'snapshot_size')!.found, /^about \d+ kB, 1,000 rows in 1 table$/);
      assert.equal((await check()).find(({ step }) => step === 'snapshot_size')!.state, 'skipped');
    });
  });
}
