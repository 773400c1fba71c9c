import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClock } from '../../../../engine/source/postgres/server-clock.ts';
import { skipUnless } from '../../../support/skip.ts';
import { Shop } from './starts.ts';

test("a server's clock is read against ours", { skip: skipUnless('postgres-15') }, async (t) => {
  const shop = await Shop.open('15', 'SELECT 1');
  const client = await shop.client(t);
  // The same machine's: apart by no more than the question takes.
  const { aheadMs, uncertainMs } = await readClock(client, () => Date.now());
  assert.ok(Math.abs(aheadMs) <= uncertainMs + 1, `${aheadMs} ± ${uncertainMs}`);
  const hourAgo = await readClock(client, () => Date.now() - 3_600_000);
  assert.ok(Math.abs(hourAgo.aheadMs - 3_600_000) <= hourAgo.uncertainMs + 1);
});
