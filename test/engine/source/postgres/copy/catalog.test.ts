import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readCopyParts, readCopyTables } from '../../../../../engine/source/postgres/copy/catalog.ts';
import { startPostgres, type PostgresServer } from '../../../../support/postgres.ts';
import { skipUnless } from '../../../../support/skip.ts';
import { Copying } from './copying.ts';
import { ALL_VERSIONS } from '../../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  describe(`what tables are read as, PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`) }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.destroy());

    test('columns, keys and filters are those of the publication', async (t) => {
      const copying = await Copying.open(
        t,
        server,
        `CREATE TABLE t (b int, a int, c numeric(5,2), g int GENERATED ALWAYS AS (a + 1) STORED, PRIMARY KEY (a, b));
         CREATE TABLE f (id int); ALTER TABLE f REPLICA IDENTITY FULL;
         CREATE TABLE n (id int PRIMARY KEY); ALTER TABLE n REPLICA IDENTITY NOTHING;
         CREATE PUBLICATION p FOR TABLE t${version === '14' ? '' : ' (a, b) WHERE (a > 3)'}, f, n`,
      );
      const client = await copying.client();
      const oids = await Promise.all(['t', 'f', 'n'].map((name) => copying.oid(name)));
      const published = await readCopyTables(client, oids, 'p');
      const whole = await readCopyTables(client, oids, null);
      const t1 = published.get(oids[0]!)!;
      // PostgreSQL 15 is the first to have filters and lists of columns.
      assert.equal(t1.filter, version === '14' ? null : '(a > 3)');
      assert.deepEqual(
        t1.relation.columns.map(({ name, isKey }) => [name, isKey]),
        [['b', true], ['a', true], ...(version === '14' ? [['c', false]] : [])],
      );
      const { relation, filter } = whole.get(oids[0]!)!;
      assert.deepEqual([relation.schema, relation.table, relation.replicaIdentity, filter], ['public', 't', 'default', null]);
      assert.deepEqual(
        relation.columns.map(({ name, typeModifier }) => [name, typeModifier]),
        [
          ['b', -1],
          ['a', -1],
          ['c', 327_686],
        ],
      );
      const flags = [oids[1]!, oids[2]!].map((oid) => whole.get(oid)!.relation);
      assert.deepEqual(
        flags.map(({ replicaIdentity, columns }) => [replicaIdentity, columns[0]!.isKey]),
        [
          ['full', true],
          ['nothing', false],
        ],
      );
    });

    // PostgreSQL 18 is the first to publish them.
    if (version === '18') {
      test('generated columns that are published are read', async (t) => {
        const copying = await Copying.open(
          t,
          server,
          `CREATE TABLE t (id int, s int GENERATED ALWAYS AS (id) STORED, v int GENERATED ALWAYS AS (id) VIRTUAL);
         CREATE PUBLICATION p FOR TABLE t WITH (publish_generated_columns = stored)`,
        );
        const oid = await copying.oid('t');
        const { relation } = (await readCopyTables(await copying.client(), [oid], 'p')).get(oid)!;
        assert.deepEqual(
          relation.columns.map(({ name }) => name),
          ['id', 's'],
        );
      });
    }

    test('parts have kind and size; what is gone is missing', async (t) => {
      const copying = await Copying.open(t, server, 'CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 5000); ANALYZE t');
      const oid = await copying.oid('t');
      const parts = await readCopyParts(await copying.client(), [oid, 1]);
      const { bytes, pages, heapPages, ...rest } = parts.get(oid)!;
      assert.deepEqual(rest, { oid, schema: 'public', table: 't', kind: 'r', rows: 5000 });
      assert.equal(heapPages, pages, 'nothing came since ANALYZE');
      assert.ok(bytes >= 5000 * 32 && pages >= 20, `${bytes} bytes, ${pages} pages`);
      assert.equal(parts.has(1), false);
    });
  });
}
