import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayName } from '../../../../engine/source/postgres/relations.ts';
import { planTables } from '../../../../engine/source/postgres/tables-preflight.ts';
import { skipUnless } from '../../../support/skip.ts';
import { optionsFor, Shop } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = `CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE hidden (id int); CREATE MATERIALIZED VIEW seen AS SELECT 1 AS n;
  CREATE UNLOGGED TABLE loose (id int); CREATE VIEW shown AS SELECT 1 AS n;`;

for (const version of ALL_VERSIONS) {
  test(`PostgreSQL ${version}: tables without a stream`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const client = await shop.client(t);
    const inspect = async (tables: string, mviews = false) => await planTables(client, optionsFor(tables, { readOnce: { mviews } }), null);
    const names = async (tables: string, mviews = false) =>
      (await inspect(tables, mviews)).tables.map(({ relation }) => displayName(relation));

    await t.test('what has no changes is read when it is named, materialized views by wildcards too when that was asked for', async () => {
      assert.deepEqual(await names('*.*'), ['public.hidden', 'public.orders']);
      assert.deepEqual(await names('*.*', true), ['public.hidden', 'public.orders', 'public.seen']);
      assert.deepEqual(await names('public.seen,loose'), ['public.loose', 'public.seen']);
      assert.deepEqual(await names('public.seen,!public.s*,orders'), ['public.orders']);
      await assert.rejects(inspect('shown'), { code: 'TABLE_UNSUPPORTED', message: /public\.shown is a view/ });
      await assert.rejects(inspect('public.s*'), { code: 'TABLE_UNSUPPORTED', message: /Name one exactly/ });
      assert.match((await inspect('orders,loose')).warnings.join(), /^(?!.*unlogged)/);
    });

    await t.test('a table that may not be read is named before anything is', async () => {
      await client.query('DROP ROLE IF EXISTS reader; CREATE ROLE reader; GRANT SELECT ON orders TO reader; SET ROLE reader');
      await assert.rejects(inspect('*.*'), {
        code: 'TABLE_PRIVILEGE',
        message: /public\.hidden\. Run: GRANT SELECT ON "public"\."hidden"/,
      });
      assert.deepEqual(await names('orders'), ['public.orders']);
      await client.query('RESET ROLE; DROP OWNED BY reader; DROP ROLE reader');
    });

    await t.test('a snapshot of another server is not gone on with', async () => {
      const options = optionsFor('orders', { readOnce: { mviews: false } });
      const { binding } = await inspect('orders');
      assert.equal(binding.claim, 'none');
      await planTables(client, options, { position: null, source: binding });
      for (const other of [{ systemIdentifier: '1' }, { database: 'other' }]) {
        const stored = { position: null, source: { ...binding, ...other } };
        await assert.rejects(planTables(client, options, stored), { code: 'SYSTEM_CHANGED' });
      }
    });
  });
}
