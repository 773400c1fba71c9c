import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMariadb } from '../../../support/mariadb.ts';
import { skipUnless } from '../../../support/skip.ts';
import { SCHEMA } from './shop.ts';
import { Streaming } from './streaming.ts';

const COLUMNS = ['datetime(3)', 'time(6)', 'timestamp(1)', 'datetime', 'varchar(9)'] as const;
/** MariaDB's hexadecimal numbers: units of the last digit, from year 0, from -839:00:00, from 1970. */
const VALUES = ["x'0042090a66c32e'", "x'02b4b1f855ec'", "x'5e0d5da501'", "x'45ece7335f120000'", 'a'] as const;

test('the fractions of old temporal types have the digits that the catalogue says', { skip: skipUnless('mariadb') }, async (t) => {
  const server = await startMariadb({ settings: { 'mysql56-temporal-format': 'OFF' } });
  t.after(async () => await server.destroy());
  await server.query(SCHEMA);
  const declared = COLUMNS.map((type, index) => `c${index} ${type} ${index === 0 ? 'PRIMARY KEY' : 'NULL'}`);
  await server.query(`CREATE TABLE old (${declared.join(', ')})`, [], 'shop');
  const streaming = (await Streaming.open(t, server)).run();
  const raw = (await Streaming.open(t, server, { ambiguousTypes: 'raw', serverId: 4_000_000_002 })).run();
  const values = "'2020-01-02 03:04:05.678', '-12:34:56.789012', '2020-01-02 03:04:05.1', '2020-01-02 03:04:05', 'a'";
  await server.query(`INSERT INTO old VALUES (${values}); SET SESSION binlog_row_image = MINIMAL; UPDATE old SET c3 = NULL`, [], 'shop');

  assert.deepEqual(await streaming.changes(2), [
    `insert shop.old new(${VALUES.join(',')})`,
    `update shop.old old(${VALUES[0]},~,~,~,~) new(~,~,~,null,~)`,
  ]);
  const types = streaming.sink.schemas[0]!.columns.map(({ sourceType }) => sourceType);
  assert.deepEqual(types, COLUMNS);
  assert.equal((await raw.ended)?.code, 'ROW_IMAGE_INVALID', 'without the catalogue they count as whole, and do not fit');
});
