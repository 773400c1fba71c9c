import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { RowDataPacket } from 'mysql2';
import type { AmbiguousTypes } from '../../engine/source/mysql/binlog/ambiguity.ts';
import type { LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { decodeRow } from '../support/binlog-layout.ts';
import { readBinlogRows, type LoggedRow } from '../support/binlog-rows.ts';
import { startMariadb } from '../support/mariadb.ts';
import { startMysql } from '../support/mysql.ts';
import type { MysqlServer } from '../support/mysql-server.ts';
import { isSince, versionOf } from '../support/mysql-version.ts';
import { PackedTable } from '../support/packed-tables.ts';
import { skipUnless } from '../support/skip.ts';
import { ADDRESSES_AND_UUIDS } from './binlog-types/addresses.ts';
import { DOCUMENTS } from './binlog-types/documents.ts';
import type { MatrixType } from './binlog-types/matrix-type.ts';
import { NUMBERS } from './binlog-types/numbers.ts';
import { STRINGS } from './binlog-types/strings.ts';
import { TIMES } from './binlog-types/times.ts';

/*
 * Every type of both servers: values go into a table, the server is asked for them, and the text that the log's images give must be what it
 * said; what native code makes of the images is the same, where it makes something. The values are the edges of each type, and random ones.
 */
const SERVERS = [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const;

const TYPES = [...NUMBERS, ...TIMES, ...STRINGS, ...DOCUMENTS, ...ADDRESSES_AND_UUIDS];
const RANDOM_VALUES = 40;
const TABLE_OF = (index: number) => `t${index}`;

for (const { flavor, start } of SERVERS) {
  test(`${flavor}: the log's rows are what the server shows`, { skip: skipUnless(flavor) }, async (context) => {
    const server = await start();
    context.after(async () => await server.destroy());
    const types = await typesOf(server);
    const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Date.now() % 1_000_000);
    context.diagnostic(`seed ${seed}: MILLRACE_TEST_SEED=${seed} makes the same values`);
    await insertAll(server, types, seed);
    const logged = readBinlogRows(server.binlogs(), { flavor, ambiguous: meaningsOf(types) });
    for (const [index, type] of types.entries()) {
      await context.test(type.declared, async () => await compare(server, logged.get(TABLE_OF(index))!, type, index));
    }
  });

  test(`${flavor}: TIMESTAMP in a zone`, { skip: skipUnless(flavor) }, async (context) => {
    const server = await start();
    context.after(async () => await server.destroy());
    const types = (await typesOf(server)).filter(({ declared }) => declared.startsWith('timestamp('));
    await insertAll(server, types, 1);
    const logged = readBinlogRows(server.binlogs(), { flavor, zone: '+05:30', ambiguous: meaningsOf(types) });
    await server.query("SET GLOBAL time_zone = '+05:30'");
    for (const [index, type] of types.entries()) await compare(server, logged.get(TABLE_OF(index))!, type, index);
  });
}

async function typesOf(server: MysqlServer): Promise<MatrixType[]> {
  const version = await versionOf(server);
  return TYPES.filter(
    ({ servers, since }) => (servers?.includes(server.flavor) ?? true) && (since === undefined || isSince(version, since)),
  );
}

/** What the catalogue says of the columns that the log leaves open. */
function meaningsOf(types: readonly MatrixType[]): AmbiguousTypes {
  return {
    meaningsOf: ({ table }) => {
      const meaning = types.find((_type, index) => TABLE_OF(index) === table)?.meaning ?? null;
      return new Map(meaning === null ? [] : [['v', meaning]]);
    },
    noteStatement: () => undefined,
  };
}

async function insertAll(server: MysqlServer, types: readonly MatrixType[], seed: number): Promise<void> {
  const client = await server.client();
  await client.query("CREATE DATABASE d; USE d; SET sql_mode = '', time_zone = '+00:00'");
  for (const [index, type] of types.entries()) {
    for (const statement of type.before ?? []) await client.query(statement);
    await client.query(`CREATE TABLE ${TABLE_OF(index)} (id int PRIMARY KEY, v ${type.declared})`);
    const random = type.random === undefined ? [] : fc.sample(type.random, { seed, numRuns: RANDOM_VALUES });
    const values = [...type.values, ...random, 'NULL'];
    for (const [id, value] of values.entries()) await client.query(`INSERT INTO ${TABLE_OF(index)} VALUES (${id}, ${value})`);
    for (const statement of type.after ?? []) await client.query(statement);
  }
  await client.end();
}

/** The rows of a table in the log, and what the server shows of them. */
async function compare(server: MysqlServer, logged: readonly LoggedRow[], type: MatrixType, index: number): Promise<void> {
  const client = await server.client({ database: 'd' });
  const sql = `SELECT ${type.select ?? 'v'} AS v FROM ${TABLE_OF(index)} ORDER BY id`;
  const [rows] = await client.query<RowDataPacket[]>({ sql, typeCast: (field) => field.buffer() });
  await client.end();
  assert.equal(logged.length, rows.length);
  const native = new PackedTable(logged[0]!.schema.form!.layout as LogLayout);
  const show = type.show ?? ((value: Buffer) => value.toString());
  for (const [row, { schema, new: image }] of logged.entries()) {
    const said = rows[row]!['v'] as Buffer | null;
    const [id, value] = decodeRow(schema, image!);
    assert.equal(String(id), String(row));
    assert.ok(value !== undefined && value !== 'absent');
    const ours = value === null ? null : show(value);
    assert.equal(ours, said === null ? null : (type.said ?? show)(said), `row ${row}: the log has ${Buffer.from(image!).toString('hex')}`);
    const byNative = native.byNative(image!);
    if (byNative !== null) assert.equal(byNative, native.decoded(image!), `row ${row}`);
  }
}
