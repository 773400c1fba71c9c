import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { ALL_VERSIONS } from './postgres-install.ts';
import { startPostgres } from './postgres.ts';
import { skipUnless } from './skip.ts';

for (const version of ALL_VERSIONS) {
  test(
    `PostgreSQL ${version}: starts, stops, dies and starts again with its data`,
    { skip: skipUnless(`postgres-${version}`) },
    async () => {
      const server = await startPostgres({ version });
      await server.query('CREATE TABLE t (a int)');
      await server.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
      await server.query('INSERT INTO t VALUES (1)');
      const pid = server.pid;
      await server.stop('fast');
      await server.start();
      assert.notEqual(server.pid, pid);
      await server.query('INSERT INTO t VALUES (2)');
      await server.kill9();
      await assert.rejects(server.query('SELECT 1'), /ECONNREFUSED/);
      await server.start();
      assert.deepEqual(await server.query('SELECT a FROM t ORDER BY a'), [{ a: 1 }, { a: 2 }]);
      assert.deepEqual(await server.query('SELECT slot_name FROM pg_replication_slots'), [{ slot_name: 's' }]);
      assert.equal(await server.psql(`SHOW wal_level;\nSELECT split_part(version(), ' ', 2)::numeric::int;`), `logical\n${version}\n`);
      await server.destroy();
      assert.equal(existsSync(server.dataDir), false);
    },
  );
}

test('settings, encoding, SCRAM and TLS are as asked', { skip: skipUnless('postgres-15') }, async () => {
  const initdb = ['--encoding=LATIN1'];
  const server = await startPostgres({
    version: '15',
    initdb,
    auth: 'scram-sha-256',
    ssl: true,
    fresh: true,
    settings: { work_mem: '7MB' },
  });
  const shown = 'SELECT current_setting($1) AS work, current_setting($2) AS encoding, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
  assert.deepEqual(await server.query(shown, ['work_mem', 'server_encoding']), [{ work: '7MB', encoding: 'LATIN1', ssl: false }]);
  const other = await startPostgres({ version: '15', initdb });
  const identity = 'SELECT system_identifier AS id FROM pg_control_system()';
  assert.notDeepEqual(await server.query(identity), await other.query(identity));
  const lines = await server.query('SELECT auth_method AS method FROM pg_hba_file_rules');
  assert.deepEqual(new Set(lines.map((line) => line['method'])), new Set(['scram-sha-256']));
  await Promise.all([server.destroy(), other.destroy()]);
});
