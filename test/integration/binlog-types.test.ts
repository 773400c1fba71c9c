import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import type { RowDataPacket } from 'mysql2';
import { readBinlogRows } from '../support/binlog-rows.ts';
import { binlogSchema, decodeRow } from '../support/binlog-layout.ts';
import { startMariadb } from '../support/mariadb.ts';
import { startMysql } from '../support/mysql.ts';
import type { MysqlServer } from '../support/mysql-server.ts';
import { skipUnless } from '../support/skip.ts';
import { ADDRESSES_AND_UUIDS } from './binlog-types/addresses.ts';
import { DOCUMENTS } from './binlog-types/documents.ts';
import type { MatrixType } from './binlog-types/matrix-type.ts';
import { NUMBERS } from './binlog-types/numbers.ts';
import { STRINGS } from './binlog-types/strings.ts';
import { TIMES } from './binlog-types/times.ts';

/*
 * Every type of both servers: values go into a table, the server is asked for them, and the text that the log's images give must be what it
 * said. The values are the edges of each type, and random ones.
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
    const types = TYPES.filter((type) => type.servers === undefined || type.servers.includes(flavor));
    const seed = Number(process.env['MILLRACE_TEST_SEED'] ?? Date.now() % 1_000_000);
    context.diagnostic(`seed ${seed}: MILLRACE_TEST_SEED=${seed} makes the same values`);
    await insertAll(server, types, seed);
    const logged = readBinlogRows(server.binlogs(), flavor);
    for (const [index, type] of types.entries()) await compare(context, server, logged, type, index);
    await server.destroy();
  });
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

async function compare(
  context: TestContext,
  server: MysqlServer,
  tables: ReturnType<typeof readBinlogRows>,
  type: MatrixType,
  index: number,
): Promise<void> {
  await context.test(type.declared, async () => {
    const client = await server.client({ database: 'd' });
    const sql = `SELECT ${type.select ?? 'v'} AS v FROM ${TABLE_OF(index)} ORDER BY id`;
    const [rows] = await client.query<RowDataPacket[]>({ sql, typeCast: (field) => field.buffer() });
    await client.end();
    const { columns, images } = tables.get(TABLE_OF(index))!;
    const schema = binlogSchema(columns.map((column, i) => (i === 1 ? { ...column, meaning: type.meaning ?? null } : column)));
    assert.equal(images.length, rows.length);
    const show = type.show ?? ((value: Buffer) => value.toString());
    for (const [row, image] of images.entries()) {
      const said = rows[row]!['v'] as Buffer | null;
      const [id, value] = decodeRow(schema, image);
      assert.equal(String(id), String(row));
      assert.ok(value !== undefined && value !== 'absent');
      const ours = value === null ? null : show(value);
      assert.equal(ours, said === null ? null : (type.said ?? show)(said), `row ${row}: the log has ${Buffer.from(image).toString('hex')}`);
    }
  });
}
