import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openKeeper, openReader } from '../../../../../engine/source/postgres/copy/keeper.ts';
import { openSession } from '../../../../../engine/source/postgres/connection.ts';
import { createSlot } from '../../../../../engine/source/postgres/slot.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from './copying.ts';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  describe(`a snapshot that is kept, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    test("a slot's own snapshot lives on in the keeper when the connection that made the slot is gone", async (t) => {
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int); INSERT INTO t VALUES (1)');
      const request = { settings: copying.settings, warn: () => undefined };
      const replication = await openSession({ ...request, kind: 'replication' });
      const { snapshot } = await createSlot(replication.client, `keeper_${version}`, Number(version) * 10_000, true);
      await copying.query('INSERT INTO t VALUES (2)');
      const keeper = await openKeeper(request, snapshot);
      t.after(() => keeper.session.close());
      await replication.close();
      await copying.query('INSERT INTO t VALUES (3)');
      const reader = await openReader(request);
      t.after(() => reader.close());
      await reader.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await reader.client.query(`SET TRANSACTION SNAPSHOT '${keeper.snapshotId}'`);
      assert.deepEqual((await reader.client.query('SELECT id FROM t')).rows, [{ id: 1 }]);
      await server.query(`SELECT pg_drop_replication_slot('keeper_${version}')`);
    });

    test('readers see all rows or fail, are never timed out, and write values as the stream does', async (t) => {
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int)');
      // A timeout of a millisecond would end the session before it is taken back.
      for (const setting of ['idle_session_timeout = 60000', 'lock_timeout = 1', "datestyle = 'SQL'", 'extra_float_digits = 0']) {
        await server.query(`ALTER DATABASE ${copying.name} SET ${setting}`);
      }
      const reader = await openReader({ settings: copying.settings, warn: () => undefined });
      t.after(() => reader.close());
      const names = [
        'row_security',
        'lock_timeout',
        'idle_session_timeout',
        'statement_timeout',
        'extra_float_digits',
        'DateStyle',
        'client_encoding',
      ];
      const { rows } = await reader.client.query<{ setting: string }>(
        `SELECT current_setting(name) AS setting FROM unnest($1::text[]) name`,
        [names],
      );
      assert.deepEqual(
        rows.map(({ setting }) => setting.replace(/,.*/, '')),
        ['off', '0', '0', '0', '1', 'ISO', 'UTF8'],
      );
    });
  });
}
