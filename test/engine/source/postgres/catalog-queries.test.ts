import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import type { Client } from 'pg';
import { ColumnKind } from '../../../../engine/change/column-kind.ts';
import {
  readPublishedTables,
  readSnapshot,
  readTable,
  readTypeNames,
  readTypes,
  type TableReading,
} from '../../../../engine/source/postgres/catalog-queries.ts';
import { compareLsn, parseLsn } from '../../../../engine/source/postgres/lsn.ts';
import { resolveType } from '../../../../engine/source/postgres/types.ts';
import { startPostgres, type PostgresServer } from '../../../support/postgres.ts';
import { skipUnless } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

async function currentXid(client: Client): Promise<number> {
  const { rows } = await client.query<{ xid: string }>('SELECT (pg_current_xact_id()::text::bigint & 4294967295)::text AS xid');
  return Number(rows[0]!.xid);
}

const NAMES = { slot: 's', publication: 'p' };

for (const version of ALL_VERSIONS) {
  describe(`the catalogue of PostgreSQL ${version}`, { skip: skipUnless(`postgres-${version}`), concurrency: 1 }, () => {
    let server: PostgresServer;
    let client: Client;
    before(async () => {
      server = await startPostgres({ version });
      client = await server.client();
      await client.query(`
        CREATE TABLE old_one(b int, gone int, a int, c text, PRIMARY KEY (c, a));
        ALTER TABLE old_one DROP gone;
        CREATE TABLE later(a int, b int);
        CREATE TABLE parent(id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
        CREATE TABLE middle PARTITION OF parent FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
        CREATE TABLE leaf PARTITION OF middle FOR VALUES FROM (0) TO (5);
        CREATE PUBLICATION p FOR TABLE old_one, parent, later WITH (publish_via_partition_root = false);
        CREATE PUBLICATION other FOR TABLE parent`);
      await client.query("SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
    });
    after(async () => {
      await client.end();
      await server.destroy();
    });

    async function read(table: string, reader = 0): Promise<TableReading> {
      const { rows } = await client.query<{ oid: number }>('SELECT $1::regclass::oid AS oid', [table]);
      return (await readTable(client, NAMES, rows[0]!.oid, reader))!;
    }

    async function xid(statement: string): Promise<number> {
      await client.query('BEGIN');
      await client.query(statement);
      const id = await currentXid(client);
      await client.query('COMMIT');
      return id;
    }

    test('has keys in the order of their index and columns without the dropped ones', async () => {
      const reading = await read('old_one');
      assert.deepEqual(reading.primaryKey, { columns: ['c', 'a'], isImmediate: true, standing: 'settled' });
      assert.deepEqual(
        reading.columns.map(({ name }) => name),
        ['b', 'a', 'c'],
      );
      assert.deepEqual(
        reading.columns.map(({ isNotNull }) => isNotNull),
        [false, true, true],
      );
      assert.deepEqual(reading.name, { schema: 'public', table: 'old_one' });
      assert.equal(reading.identityIndex, null);
    });

    test('leaves out columns that an index only includes', async () => {
      await client.query('CREATE TABLE wide(a int NOT NULL, b int NOT NULL, c int); CREATE UNIQUE INDEX i ON wide(b, a) INCLUDE (c)');
      await client.query('ALTER TABLE wide REPLICA IDENTITY USING INDEX i');
      assert.deepEqual((await read('wide')).identityIndex?.columns, ['b', 'a']);
    });

    test('knows what a partition belongs to, upwards', async () => {
      assert.deepEqual(
        (await read('leaf')).ancestors.map(({ table }) => table),
        ['middle', 'parent'],
      );
      assert.deepEqual((await read('parent')).ancestors, []);
    });

    test('has nothing of a table that is gone', async () => {
      assert.equal(await readTable(client, NAMES, 4_000_000_000, 0), null);
    });

    test('is read for every published table at once, as the stream will name them', async () => {
      const readings = await readPublishedTables(client, NAMES);
      assert.deepEqual(readings.map(({ name }) => name.table).toSorted(), ['later', 'leaf', 'old_one']);
      assert.deepEqual(await readPublishedTables(client, { ...NAMES, publication: 'none' }), []);
    });

    test('was read at a place that what it shows lies before', async () => {
      await client.query('CREATE TABLE fresh(id int PRIMARY KEY)');
      const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
      const { high, low } = parseLsn(rows[0]!.lsn);
      const { firstSeenAt } = await read('fresh');
      assert.ok(compareLsn(firstSeenAt.high, firstSeenAt.low, high, low) >= 0);
    });

    test('was read with a snapshot that shows what was over, and not what was open', async () => {
      const other = await server.client();
      await other.query('BEGIN');
      const open = await currentXid(other);
      const over = await xid('CREATE TABLE shown(id int)');
      for (const snapshot of [(await read('shown')).snapshot, await readSnapshot(client)])
        assert.deepEqual(
          [over, open].map((id) => snapshot.shows(id)),
          [true, false],
        );
      await other.query('COMMIT');
      assert.ok((await readSnapshot(client)).shows(open));
      await other.end();
    });

    test('tells a key that is as old as its table from one that is older or newer than a transaction', async () => {
      await client.query('CREATE TABLE late(a int, b int, PRIMARY KEY (b, a))');
      assert.equal((await read('late')).primaryKey?.standing, 'settled', 'made with its table');
      const earlier = await xid('INSERT INTO late VALUES (1, 2)');
      await client.query('ALTER TABLE late DROP CONSTRAINT late_pkey, ADD PRIMARY KEY (a, b)');
      const later = await xid('INSERT INTO late VALUES (3, 4)');
      assert.equal((await read('late', earlier)).primaryKey?.standing, 'newer');
      assert.equal((await read('late', later)).primaryKey?.standing, 'older');
      assert.equal((await read('late', 0)).primaryKey?.standing, 'newer');
      const own = await xid('ALTER TABLE late DROP CONSTRAINT late_pkey, ADD PRIMARY KEY (b, a)');
      assert.equal((await read('late', own)).primaryKey?.standing, 'older', 'changed by the transaction itself');
      await client.query('ALTER TABLE late RENAME a TO c');
      assert.equal((await read('late', own)).primaryKey?.standing, 'newer', 'a key column was renamed');
    });

    test('calls settled what the slot has left behind', async () => {
      await client.query('ALTER TABLE later ADD PRIMARY KEY (b)');
      assert.equal((await read('later')).primaryKey?.standing, 'newer');
      const leaveBehind = async () => {
        // A checkpoint logs which transactions run; the slot moves its horizon when it passes that.
        await client.query('CHECKPOINT');
        await client.query("SELECT pg_replication_slot_advance('s', pg_current_wal_lsn())");
        return (await read('later')).primaryKey?.standing === 'settled';
      };
      await until(leaveBehind, { what: 'the slot to leave the change behind' });
    });

    test('says that a primary key is deferrable, and a column generated', async () => {
      await client.query('CREATE TABLE odd(id int PRIMARY KEY DEFERRABLE, g int GENERATED ALWAYS AS (id * 2) STORED)');
      const reading = await read('odd');
      assert.equal(reading.primaryKey?.isImmediate, false);
      assert.deepEqual(
        reading.columns.map(({ isGenerated }) => isGenerated),
        [false, true],
      );
    });

    test('says that a publication sends some columns only', async () => {
      assert.equal((await read('old_one')).hasColumnList, false);
      // PostgreSQL 15 is the first to have such lists.
      if (version === '14') return;
      await client.query('CREATE TABLE part(id int PRIMARY KEY, a int, b int); ALTER PUBLICATION p ADD TABLE part (id, b)');
      assert.equal((await read('part')).hasColumnList, true);
    });
  });
}

describe('types in the catalogue', { skip: skipUnless('postgres-15') }, () => {
  test('resolves what users make of them', async () => {
    const server = await startPostgres({ version: '15' });
    const client = await server.client();
    await client.query(`
        CREATE TYPE mood AS ENUM ('ok'); CREATE TYPE pair AS (a int, b text); CREATE TYPE span AS RANGE (subtype = int4);
        CREATE DOMAIN short AS varchar(7); CREATE DOMAIN shorts AS short[];
        CREATE TABLE kinds(m mood, ms mood[], p pair, r span, s short, ss shorts,
      v varchar(3), vs varchar(3)[], b bit(5), n numeric(12,2)[], i int2vector)`);
    const { rows } = await client.query<{ oid: number }>("SELECT 'kinds'::regclass::oid AS oid");
    const { columns } = (await readTable(client, NAMES, rows[0]!.oid, 0))!;
    const types = new Map(
      (
        await readTypes(
          client,
          columns.map(({ typeOid }) => typeOid),
        )
      ).map((type) => [type.oid, type]),
    );
    const kindName = (kind: number) => Object.entries(ColumnKind).find(([, value]) => value === kind)![0];
    const found = columns.map(({ name, typeOid, typeModifier }) => {
      const { kind, length, element } = resolveType(typeOid, typeModifier, types)!;
      return `${name} ${kindName(kind)} ${length}${element === null ? '' : ` of ${kindName(element.kind)} ${element.length}`}`;
    });
    assert.deepEqual(found, [
      'm enum -1',
      'ms array -1 of enum -1',
      'p other -1',
      'r other -1',
      's text 7',
      'ss array -1 of text 7',
      'v text 3',
      'vs array -1 of text 3',
      'b bit 5',
      'n array -1 of decimal -1',
      'i other -1',
    ]);
    const texts = await readTypeNames(client, columns);
    assert.deepEqual(texts.slice(0, 2).concat(texts.slice(6, 8), texts[9]!), [
      'mood',
      'mood[]',
      'character varying(3)',
      'character varying(3)[]',
      'numeric(12,2)[]',
    ]);
    await client.end();
    await server.destroy();
  });

  test('of extensions are known by name, wherever they were put', async () => {
    const server = await startPostgres({ version: '15' });
    const client = await server.client();
    await client.query('CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION citext; CREATE EXTENSION ltree');
    const { rows } = await client.query<{ oid: number }>(
      "SELECT t::regtype::oid AS oid FROM unnest(ARRAY['ext.hstore', 'citext', 'ltree', 'ext.hstore[]']) t",
    );
    const types = new Map(
      (
        await readTypes(
          client,
          rows.map(({ oid }) => oid),
        )
      ).map((type) => [type.oid, type]),
    );
    const kinds = rows.map(({ oid }) => resolveType(oid, -1, types)!);
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      [ColumnKind.map, ColumnKind.text, ColumnKind.text, ColumnKind.array],
    );
    assert.equal(kinds[3]!.element?.kind, ColumnKind.map);
    await client.end();
    await server.destroy();
  });
});
