import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Random } from '../../test/crash/random.ts';
import { DOCUMENTS } from '../../test/integration/binlog-types/documents.ts';
import type { MatrixType } from '../../test/integration/binlog-types/matrix-type.ts';
import { NUMBERS } from '../../test/integration/binlog-types/numbers.ts';
import { STRINGS } from '../../test/integration/binlog-types/strings.ts';
import { TIMES } from '../../test/integration/binlog-types/times.ts';
import { writeRandomLog } from '../../test/integration/random-log.ts';
import { LAST_TABLE, MAXWELL_FIXTURES } from '../../test/support/maxwell-runs.ts';
import type { MysqlServer } from '../../test/support/mysql-server.ts';

const SEED = 1;
const RANDOM_VALUES = 10;
const RANDOM_STATEMENTS = 120;

/** Maxwell's parser of definitions does not know it. */
const UNKNOWN_TO_MAXWELL = /COMPRESSED/;

/** Writes everything into the log that Maxwell is to read, and at last one row of `shop.last`. */
export async function writeLog(server: MysqlServer): Promise<void> {
  await writeTypes(server);
  await writeRandomLog(server, { database: 'random', random: new Random(SEED), statements: RANDOM_STATEMENTS });
  for (const file of ['changes', 'texts', 'places', server.flavor]) await writeFile(server, `${file}.sql`);
  await server.query(`CREATE TABLE ${LAST_TABLE} (id int PRIMARY KEY); INSERT INTO ${LAST_TABLE} VALUES (1)`, [], 'shop');
}

/** A table for each type: rows with all values, changes from each to another, and deletes. */
async function writeTypes(server: MysqlServer): Promise<void> {
  const client = await server.client();
  await client.query("CREATE DATABASE types; USE types; SET sql_mode = '', time_zone = '+00:00'");
  for (const [index, type] of typesOf(server).entries()) {
    const table = `t${index}`;
    for (const statement of type.before ?? []) await client.query(statement);
    await client.query(`CREATE TABLE ${table} (id int PRIMARY KEY, v ${type.declared})`);
    const random = type.random === undefined ? [] : fc.sample(type.random, { seed: SEED, numRuns: RANDOM_VALUES });
    const rows = [...type.values, ...random, 'NULL'].map((value, id) => `(${id}, ${value})`);
    await client.query(`INSERT INTO ${table} VALUES ${rows.join()}`);
    await client.query(`UPDATE ${table} t JOIN ${table} other ON other.id = t.id + 1 SET t.v = other.v`);
    await client.query(`DELETE FROM ${table} WHERE id % 2 = 0`);
    for (const statement of type.after ?? []) await client.query(statement);
  }
  await client.end();
}

function typesOf({ flavor }: MysqlServer): readonly MatrixType[] {
  return [...NUMBERS, ...TIMES, ...STRINGS, ...DOCUMENTS].filter(
    ({ declared, servers }) => (servers === undefined || servers.includes(flavor)) && !UNKNOWN_TO_MAXWELL.test(declared),
  );
}

/** Lines of a file, one after the other in one session; a line that begins with `--` is none. */
async function writeFile(server: MysqlServer, file: string): Promise<void> {
  const client = await server.client({ charset: 'utf8mb4' });
  for (const line of readFileSync(join(MAXWELL_FIXTURES, file), 'utf8').trimEnd().split('\n')) {
    if (!line.startsWith('--')) await client.query(line);
  }
  await client.end();
}
