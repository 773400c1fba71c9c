import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { recordSource } from '../../../support/postgres-source.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { TablesBench } from './source-bench.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  describe(`tables of PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    const bench = new TablesBench(version);

    test('every replica identity', async () => {
      await bench.stream(
        `CREATE TABLE d(id int PRIMARY KEY, v text);
         CREATE TABLE f(v text, id int PRIMARY KEY); ALTER TABLE f REPLICA IDENTITY FULL;
         CREATE TABLE i(id int PRIMARY KEY, x int NOT NULL, y int NOT NULL);
         CREATE UNIQUE INDEX j ON i(y, x); ALTER TABLE i REPLICA IDENTITY USING INDEX j;
         CREATE TABLE n(id int PRIMARY KEY); ALTER TABLE n REPLICA IDENTITY NOTHING;
         CREATE TABLE k(a int); CREATE TABLE fk(a int); ALTER TABLE fk REPLICA IDENTITY FULL`,
        'ALL TABLES',
      );
      await bench.server.query(`
        INSERT INTO d VALUES (1, 'x'); DELETE FROM d; INSERT INTO f VALUES ('x', 1); DELETE FROM f;
        INSERT INTO i VALUES (1, 2, 3); DELETE FROM i; INSERT INTO n VALUES (1);
        INSERT INTO k VALUES (1); INSERT INTO fk VALUES (1); DELETE FROM fk`);
      await bench.expect([
        'id: insert public.d new(1,x)',
        'id: delete public.d old-key(1,null)',
        'id: insert public.f new(x,1)',
        'id: delete public.f old-full(x,1)',
        'y,x: insert public.i new(1,2,3)',
        'y,x: delete public.i old-key(null,2,3)',
        'id: insert public.n new(1)',
        ': insert public.k new(1)',
        ': insert public.fk new(1)',
        ': delete public.fk old-full(1)',
      ]);
      const index = bench.running.sink.schemas.find(({ table }) => table === 'i')!;
      assert.deepEqual([index.primaryKey, index.keyColumns, index.replicaIdentity], [[0], [2, 1], 'index']);
      assert.deepEqual(
        index.columns.map(({ keyPosition, nullable }) => [keyPosition, nullable]),
        [
          [0, false],
          [-1, false],
          [-1, false],
        ],
      );
    });

    test('that change while they are read, and a key made anew in another order', async () => {
      await bench.stream('CREATE TABLE t(a int, b int, v text, PRIMARY KEY (b, a))', 'ALL TABLES');
      await bench.server.query("INSERT INTO t VALUES (1, 2, 'x')");
      await bench.expect(['b,a: insert public.t new(1,2,x)']);
      await bench.server.query('ALTER TABLE t ADD w numeric(10,2) DEFAULT 1.5');
      await bench.server.query("INSERT INTO t VALUES (3, 4, 'y')");
      // Read before the next change: behind that, nothing would tell which key these rows had.
      await bench.running.until(() => bench.running.sink.changes.length === 2, 'the second row');
      await bench.server.query('ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (a, b)');
      await bench.server.query("INSERT INTO t VALUES (5, 6, 'z', 7)");
      await bench.server.query('CREATE TABLE u(a int, b int, PRIMARY KEY (b, a)); INSERT INTO u VALUES (8, 9)');
      await bench.expect([
        'b,a: insert public.t new(1,2,x)',
        'b,a: insert public.t new(3,4,y,1.50)',
        'a,b: insert public.t new(5,6,z,7.00)',
        'b,a: insert public.u new(8,9)',
      ]);
      assert.deepEqual(
        bench.running.sink.schemas.map(({ table, version: number }) => `${table} ${number}`),
        ['t 1', 't 2', 't 3', 'u 4'],
      );
      assert.equal(bench.running.sink.schemas[1]!.columns[3]!.sourceType, 'numeric(10,2)');
    });

    test('described again without a change are the same version', async () => {
      await bench.stream('CREATE TABLE t(id int PRIMARY KEY, v text)', 'ALL TABLES');
      await bench.server.query("INSERT INTO t VALUES (1, 'x')");
      await bench.running.until(() => bench.running.sink.changes.length === 1, 'a row');
      for (const harmless of [
        'ANALYZE t',
        'ALTER TABLE t ALTER v SET STATISTICS 50',
        'CREATE INDEX ON t(v)',
        'VACUUM t',
        'REINDEX TABLE t',
      ]) {
        await bench.server.query(harmless);
        await bench.server.query('INSERT INTO t SELECT max(id) + 1 FROM t');
      }
      await bench.running.until(() => bench.running.sink.changes.length === 6, '6 rows');
      assert.equal(bench.running.sink.schemas.length, 1);
    });

    test('with a list of columns, and with generated ones', async () => {
      // PostgreSQL 15 is the first to have such lists.
      const list = version === '14' ? '' : ' (id, b)';
      const options = version === '18' ? ' WITH (publish_generated_columns = stored)' : '';
      await bench.stream(
        `CREATE TABLE l(a int, id int PRIMARY KEY, b int); ALTER TABLE l REPLICA IDENTITY DEFAULT;
         CREATE TABLE g(id int PRIMARY KEY, s int GENERATED ALWAYS AS (id * 2) STORED); ALTER TABLE g REPLICA IDENTITY FULL`,
        `TABLE l${list}, g${options}`,
      );
      await bench.server.query('INSERT INTO l VALUES (1, 2, 3)');
      await bench.server.query('INSERT INTO g VALUES (4)');
      await bench.expect([
        version === '14' ? 'id: insert public.l new(1,2,3)' : 'id: insert public.l new(2,3)',
        version === '18' ? 'id: insert public.g new(4,8)' : 'id: insert public.g new(4)',
      ]);
    });

    test('of a publication whose name needs quoting', async () => {
      await bench.stream('CREATE TABLE t(id int PRIMARY KEY)', 'ALL TABLES');
      const publication = `it's "odd", really`;
      await bench.server.query(`CREATE PUBLICATION "${publication.replaceAll('"', '""')}" FOR ALL TABLES`);
      await bench.server.query("SELECT pg_create_logical_replication_slot('odd', 'pgoutput')");
      const running = await recordSource({ server: bench.server, slot: 'odd', publication });
      await bench.server.query('INSERT INTO t VALUES (1)');
      try {
        await running.until(() => running.sink.changes.length === 1, 'a row');
      } finally {
        await running.source.stop();
      }
    });

    test('in a schema of their own, truncated together', async () => {
      await bench.stream(
        'CREATE SCHEMA "a.b"; CREATE TABLE "a.b".c(id int PRIMARY KEY); CREATE TABLE d(id int REFERENCES "a.b".c)',
        'ALL TABLES',
      );
      await bench.server.query('INSERT INTO "a.b".c VALUES (1); TRUNCATE "a.b".c CASCADE');
      await bench.running.until(() => bench.running.sink.changes.length === 2, 'the TRUNCATE');
      assert.deepEqual(bench.running.sink.changes, ['insert a.b.c new(1)', 'truncate a.b.c, public.d']);
    });
  });
  describe(`a catalogue of PostgreSQL ${version} behind the stream`, { skip: skipUnless(`postgres-${version}`) }, () => {
    const bench = new TablesBench(version);

    test('is asked once it shows the transaction', async () => {
      await bench.stream('CREATE TABLE t(a int, b int, PRIMARY KEY (b, a))', 'ALL TABLES');
      // The source has read its tables once it streams: reading them would wait for the lock on `t` that the commit holds.
      await bench.server.query('INSERT INTO t VALUES (0, 0)');
      await bench.running.until(() => bench.running.sink.changes.length === 1, 'the row before');
      await bench.server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      await bench.server.query('SELECT pg_reload_conf()');
      const committed = bench.server.query(
        `CREATE TABLE u(a int, b int, PRIMARY KEY (b, a)); INSERT INTO u VALUES (1, 2);
         ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (a, b); INSERT INTO t VALUES (3, 4)`,
      );
      try {
        const waits = "SELECT wait_event FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        await until(async () => (await bench.server.query(waits)).length === 1, { what: 'the commit to wait for a standby' });
        const asks = async () =>
          (await bench.server.query("SELECT FROM pg_stat_activity WHERE query LIKE '%pg_current_snapshot()%'")).length;
        await bench.running.until(async () => (await asks()) > 1, 'the source to look what queries show');
        assert.equal(bench.running.sink.changes.length, 1);
      } finally {
        await bench.server.query('ALTER SYSTEM RESET synchronous_standby_names');
        await bench.server.query('SELECT pg_reload_conf()');
        await committed;
      }
      await bench.expect(['b,a: insert public.t new(0,0)', 'b,a: insert public.u new(1,2)', 'a,b: insert public.t new(3,4)']);
    });
  });
}
