import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMariadb } from '../../../support/mariadb.ts';
import { skipUnless } from '../../../support/skip.ts';
import { SCHEMA, insert, inserted } from './shop.ts';
import { Streaming } from './streaming.ts';

test('what sequences of MariaDB hand out does not come; a table with their columns does', { skip: skipUnless('mariadb') }, async (t) => {
  const server = await startMariadb();
  t.after(async () => await server.destroy());
  await server.query(SCHEMA);
  await server.query('CREATE SEQUENCE early', [], 'shop');
  await assert.rejects(Streaming.open(t, server, { tables: ['shop.early'] }), { code: 'TABLE_UNSUPPORTED', message: /is a sequence/ });
  const streaming = (await Streaming.open(t, server)).run();
  assert.deepEqual(streaming.opened.tables, ['shop.t']);
  const raw = (await Streaming.open(t, server, { ambiguousTypes: 'raw', serverId: 4_000_000_002 })).run();

  await insert(server, 1);
  await server.query('SELECT NEXT VALUE FOR early; SELECT SETVAL(early, 5000); ALTER SEQUENCE early RESTART 9000', [], 'shop');
  await server.query('CREATE SEQUENCE later CACHE 1; SELECT NEXT VALUE FOR later; SELECT NEXT VALUE FOR later', [], 'shop');
  await server.query('CREATE SEQUENCE gone; SELECT NEXT VALUE FOR gone; DROP SEQUENCE gone', [], 'shop');
  await server.query('BEGIN; SELECT NEXT VALUE FOR later; INSERT INTO t VALUES (2, "a"); COMMIT', [], 'shop');
  await server.query('CREATE TABLE alike SELECT * FROM early', [], 'shop');
  await insert(server, 3);

  const alike = 'insert shop.alike new(9000,1,9223372036854775806,1,1,1000,0,0)';
  assert.deepEqual(await streaming.changes(4), [...inserted(1, 2), alike, ...inserted(3)]);
  assert.deepEqual(await raw.changes(3), inserted(1, 2, 3), 'without the catalogue, the columns alone decide');
});
