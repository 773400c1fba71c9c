import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseTimelineHistory,
  readReplicationIdentity,
  readServerIdentity,
  readTimelineHistory,
} from '../../../../engine/source/postgres/identity.ts';
import { skipUnless } from '../../../support/skip.ts';
import { endOfLog, Shop, Starter } from './starts.ts';
import { ALL_VERSIONS } from '../../../support/postgres-install.ts';

for (const version of ALL_VERSIONS) {
  test(`PostgreSQL ${version}: what a server says of itself, to anybody`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const shop = await Shop.open(version, 'CREATE ROLE identity_reader LOGIN');
    const client = await shop.server.client(shop.database, 'identity_reader');
    t.after(() => client.end());
    const identity = await readServerIdentity(client);
    const { slotsUsed, endLsn, version: name, versionNumber, ...rest } = identity;
    assert.deepEqual(rest, {
      database: shop.database,
      encoding: 'UTF8',
      user: 'identity_reader',
      isStandby: false,
      walLevel: 'logical',
      slotsMax: 100,
      sendersMax: 20,
      slotWalKeepSize: '-1',
      canCreate: false,
    });
    assert.ok(name.startsWith(version) && Math.floor(versionNumber / 10_000) === Number(version) && slotsUsed >= 0);
    assert.equal(endLsn, await endOfLog(shop));
  });

  test(`PostgreSQL ${version}: what a replication connection adds`, { skip: skipUnless(`postgres-${version}`) }, async (t) => {
    const shop = await Shop.open(version, 'SELECT 1');
    const { client } = await (await new Starter(t, shop.url()).connections()).openReplication();
    const [row] = await shop.query('SELECT system_identifier::text AS id FROM pg_control_system()');
    assert.deepEqual(await readReplicationIdentity(client), { systemIdentifier: row?.['id'], timeline: 1, walSenderTimeoutMs: 60_000 });
    assert.deepEqual(await readTimelineHistory(client, 1), []);
  });
}

test('a timeline history is read as the server writes it', () => {
  const content = '# a comment\n1\t0/3000158\tno recovery target specified\n\n2\t5/A0001C8\tbefore 2000-01-01 00:00:00+00\n';
  assert.deepEqual(parseTimelineHistory(content), [
    { timeline: 1, lsn: '0/3000158' },
    { timeline: 2, lsn: '5/A0001C8' },
  ]);
});
