import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop, Starter } from './starts.ts';

const SCHEMA = `
  CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE signals (id text PRIMARY KEY, kind text, data jsonb);
  CREATE TABLE halves (id text, kind text); CREATE VIEW seen AS SELECT * FROM signals;
  CREATE TABLE parts (id text, kind text, data text) PARTITION BY LIST (kind);
  CREATE TABLE part PARTITION OF parts DEFAULT;`;

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  test(`PostgreSQL ${version}: a signal table is published and not exported`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const options = shop.options('*.*,!part*', { signalTable: { schema: 'public', table: 'signals' } });
    const plan = await starter.preflight(options);
    const selected = plan.tables.map(({ relation }) => relation.table);
    assert.deepEqual(selected, ['halves', 'orders']);
    await starter.start(options);
    const published = await shop.query('SELECT tablename AS name FROM pg_publication_tables ORDER BY 1');
    assert.deepEqual(
      published.map(({ name }) => name),
      ['halves', 'orders', 'signals'],
    );
    const alone = await starter.preflight(shop.options('orders', { signalTable: { schema: 'public', table: 'signals' } }));
    assert.deepEqual(alone.publication.statements, [`ALTER PUBLICATION "${options.publication}" DROP TABLE ONLY "public"."halves"`]);
  });

  test(`PostgreSQL ${version}: a signal table that cannot be one is refused with what mends it`, { skip }, async (t) => {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    for (const [table, message] of [
      [
        'nowhere',
        /public\.nowhere does not exist\. Run: CREATE TABLE "public"\."nowhere" \(id text PRIMARY KEY, kind text NOT NULL, data jsonb\);$/,
      ],
      ['halves', /public\.halves has no column data\. Run: ALTER TABLE "public"\."halves" ADD COLUMN data text;$/],
      ['seen', /public\.seen is a view; accepted: an ordinary table/],
      ['parts', /public\.parts is a partitioned table; accepted/],
      ['part', /public\.part is a partition; accepted/],
    ] as const) {
      const options = shop.options('orders', { signalTable: { schema: 'public', table } });
      await assert.rejects(starter.preflight(options), { code: 'SIGNAL_TABLE_UNSUITABLE', message });
    }
  });
}
