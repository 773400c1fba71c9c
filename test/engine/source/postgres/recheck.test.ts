import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recheck } from '../../../../engine/source/postgres/recheck.ts';
import type { PostgresBinding } from '../../../../engine/change/source-binding.ts';
import type { PostgresPosition } from '../../../../engine/change/position.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

const SCHEMA = 'CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE gone (id int PRIMARY KEY)';

for (const version of ALL_VERSIONS) {
  const skip = skipUnless(`postgres-${version}`);

  /** A stream that was started and read up to its beginning. */
  async function streaming(t: Parameters<typeof Shop.prototype.client>[0]): Promise<{
    shop: Shop;
    position: PostgresPosition;
    again: (position?: PostgresPosition, change?: Partial<PostgresBinding>) => Promise<void>;
  }> {
    const shop = await Shop.open(version, SCHEMA);
    const starter = new Starter(t, shop.url());
    const { position, source } = await starter.start(shop.options());
    const again = async (at = position, change: Partial<PostgresBinding> = {}) =>
      recheck(await starter.connections(), { ...source, ...change }, at);
    return { shop, position, again };
  }

  const at = ({ parts }: PostgresPosition, lsn: string): PostgresPosition => ({ kind: 'postgres', parts: [{ ...parts[0]!, lsn }] });

  test(`PostgreSQL ${version}: the server that it was may go on, whatever became of its tables`, { skip }, async (t) => {
    const { shop, again } = await streaming(t);
    await again();
    await shop.query('DROP TABLE gone; ALTER TABLE orders ADD x int');
    await again();
  });

  test(`PostgreSQL ${version}: another cluster, a shorter log and another timeline may not`, { skip }, async (t) => {
    const { position, again } = await streaming(t);
    await assert.rejects(again(position, { systemIdentifier: '1' }), { code: 'SYSTEM_CHANGED' });
    await assert.rejects(again(at(position, 'FFFF/0')), { code: 'POSITION_BEYOND_END' });
    await assert.rejects(again(position, { timeline: 2 }), { code: 'TIMELINE_SWITCHED' });
  });

  test(`PostgreSQL ${version}: a slot that is gone, or has gone on without us, may not`, { skip }, async (t) => {
    const { shop, position, again } = await streaming(t);
    await shop.query('INSERT INTO orders VALUES (1)');
    await shop.query('SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())', [shop.slot]);
    await assert.rejects(again(position), { code: 'SLOT_AHEAD' });
    await shop.query('SELECT pg_drop_replication_slot($1)', [shop.slot]);
    await assert.rejects(again(position), { code: 'SLOT_MISSING' });
  });
}
