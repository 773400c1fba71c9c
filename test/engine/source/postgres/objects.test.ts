import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObjects } from '../../../../engine/source/postgres/objects.ts';
import { readSizes } from '../../../../engine/source/postgres/sizes.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop } from './starts.ts';

const SCHEMA = `CREATE TABLE orders (region text, id int, PRIMARY KEY (region, id)); ALTER TABLE orders SET (autovacuum_enabled = off);
  INSERT INTO orders SELECT 'n', n FROM generate_series(1, 1000) n; CREATE TABLE log (id int); ALTER TABLE log REPLICA IDENTITY NOTHING;
  CREATE UNLOGGED TABLE loose (id int PRIMARY KEY); CREATE VIEW shown AS SELECT 1 AS n;
  CREATE MATERIALIZED VIEW seen AS SELECT 1 AS n; CREATE MATERIALIZED VIEW empty AS SELECT 1 AS n WITH NO DATA;
  CREATE TABLE events (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
  CREATE TABLE events_1a PARTITION OF events_1 FOR VALUES FROM (0) TO (5);
  CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20)`;

for (const version of ALL_VERSIONS) {
  test(`PostgreSQL ${version}: what can be exported, and what it lacks`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const client = await shop.client(t);
    const all = async () => new Map((await readObjects(client)).map((object) => [object.name, object]));
    const lacks = async (name: string) => (await all()).get(name)!.lacks;

    await t.test('partitions go with their table, and views are not there', async () => {
      const objects = await all();
      assert.deepEqual([...objects.keys()], ['empty', 'events', 'log', 'loose', 'orders', 'seen']);
      const { kind, partitions, key, lacks: nothing } = objects.get('events')!;
      assert.deepEqual([kind, partitions, key, nothing], ['partitioned table', 2, ['id'], []]);
    });

    await t.test('sizes and keys', async () => {
      const { bytes, rows, key, replicaIdentity } = (await all()).get('orders')!;
      assert.ok(bytes! >= 8192);
      assert.deepEqual([rows, key, replicaIdentity], [null, ['region', 'id'], 'default']);
      await client.query('ANALYZE orders');
      assert.equal((await all()).get('orders')!.rows, 1000);
      const [{ oid }] = (await client.query<{ oid: number }>("SELECT 'orders'::regclass::oid AS oid")).rows as [{ oid: number }];
      const sizes = await readSizes(client, [oid, 1]);
      assert.deepEqual([...sizes.keys()], [oid], 'what is not there is missing');
    });

    await t.test('what each lacks is mended by what it says', async () => {
      for (const [name, what] of [
        ['log', /^replica identity/],
        ['loose', /^changes in the log$/],
        ['empty', /^content$/],
      ] as const) {
        const [lack] = await lacks(name);
        assert.match(lack!.what, what);
        for (const { text } of lack!.remedies) await client.query(text);
        assert.ok(!(await lacks(name)).some((left) => what.test(left.what)), name);
      }
      assert.deepEqual(
        (await lacks('seen')).map(({ what, remedies }) => [what, remedies[0]!.how]),
        [['changes in the log', 'words']],
      );
    });

    await t.test('what somebody holds locked is said to be, and waited for no longer', async (inner) => {
      const holder = await shop.client(inner);
      await holder.query('BEGIN; LOCK TABLE orders, events_1a IN ACCESS EXCLUSIVE MODE');
      const locked = [...(await all()).values()].map(({ name, locked: isLocked, bytes, rows }) => [name, isLocked, bytes === null, rows]);
      assert.deepEqual(
        locked.filter(([, isLocked]) => isLocked),
        [
          ['events', true, true, null],
          ['orders', true, true, null],
        ],
      );
      assert.equal(locked.length, 6);
      const [{ lock_timeout }] = (await client.query<{ lock_timeout: string }>('SHOW lock_timeout')).rows as [{ lock_timeout: string }];
      assert.equal(lock_timeout, '0');
      await holder.query('COMMIT');
      assert.ok([...(await all()).values()].every(({ locked: isLocked }) => !isLocked));
    });

    await t.test('a role that owns nothing and may read nothing', async () => {
      await client.query('CREATE ROLE guest; SET ROLE guest');
      const [select, ownership] = await lacks('orders');
      assert.deepEqual([select!.what, ownership!.what], ['SELECT, for FULL', 'ownership, to be added to a publication']);
      await client.query('RESET ROLE');
      for (const { text } of select!.remedies) await client.query(text);
      await client.query('SET ROLE guest');
      assert.deepEqual(
        (await lacks('orders')).map(({ what }) => what),
        ['ownership, to be added to a publication'],
      );
      await client.query('RESET ROLE; DROP OWNED BY guest; DROP ROLE guest');
    });
  });
}
