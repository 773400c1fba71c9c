import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../../engine/change/operation.ts';
import { Random } from '../crash/random.ts';
import { decodeRow } from '../support/binlog-layout.ts';
import { readBinlogRows, type LoggedRow } from '../support/binlog-rows.ts';
import { startMariadb } from '../support/mariadb.ts';
import type { MysqlServer } from '../support/mysql-server.ts';
import { run } from '../support/run.ts';
import { skipUnless } from '../support/skip.ts';

/** Columns whose values the server's own tool writes without loss. */
const COLUMNS = [
  { name: 'id', type: 'int NOT NULL PRIMARY KEY' },
  { name: 'tiny', type: 'tinyint' },
  { name: 'medium', type: 'mediumint' },
  { name: 'big', type: 'bigint unsigned' },
  { name: 'price', type: 'decimal(20,6)' },
  { name: 'ratio', type: 'double' },
  { name: 'short', type: 'varchar(40)' },
  { name: 'fixed', type: 'char(10)' },
  { name: 'note', type: 'text' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'datetime(6)' },
  { name: 'span', type: 'time(3)' },
  { name: 'y', type: 'year' },
  { name: 'flags', type: 'bit(13)' },
] as const;
type Name = (typeof COLUMNS)[number]['name'];

const STATEMENTS = 600;
const IMAGES = ['FULL', 'MINIMAL', 'NOBLOB'] as const;
const WORDS = ['', 'a', "it's", 'back\\slash', 'ümläut', '日本語', 'line\nbreak', 'x'.repeat(30)];

/** SQL of a random value. */
function literal(name: Name, random: Random): string {
  if (name !== 'id' && random.below(5) === 0) return 'NULL';
  const sign = random.below(2) === 0 ? '-' : '';
  const text = () => `'${random.pick(WORDS).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
  const two = (below: number) => String(random.below(below)).padStart(2, '0');
  const date = () =>
    `${1000 + random.below(8999)}-${String(1 + random.below(12)).padStart(2, '0')}-${String(1 + random.below(28)).padStart(2, '0')}`;
  switch (name) {
    case 'id':
      throw new Error('ids are given');
    case 'tiny':
      return String(random.below(256) - 128);
    case 'medium':
      return String(random.below(2 ** 24) - 2 ** 23);
    case 'big':
      return String(BigInt(random.below(2 ** 32)) * BigInt(random.below(2 ** 32)));
    case 'price':
      return `${sign}${random.below(1_000_000_000)}.${String(random.below(1_000_000)).padStart(6, '0')}`;
    case 'ratio':
      return `${sign}${random.below(100_000)}.${random.pick(['5', '25', '125'])}`;
    case 'short':
      return text();
    case 'fixed':
      return `'${'abc'.slice(0, random.below(4))}'`;
    case 'note':
      return random.below(4) === 0 ? `REPEAT('long', ${random.below(300)})` : text();
    case 'day':
      return `'${date()}'`;
    case 'at':
      return `'${date()} ${two(24)}:${two(60)}:${two(60)}.${String(random.below(1_000_000)).padStart(6, '0')}'`;
    case 'span':
      return `'${sign}${two(839)}:${two(60)}:${two(60)}.${String(random.below(1000)).padStart(3, '0')}'`;
    case 'y':
      return String(1901 + random.below(250));
    case 'flags':
      return String(random.below(2 ** 13));
  }
}

async function writeLog(server: MysqlServer, random: Random): Promise<void> {
  const client = await server.client({ database: 'd' });
  const others = COLUMNS.map(({ name }) => name).filter((name) => name !== 'id');
  let lastId = 0;
  for (let i = 0; i < STATEMENTS; i++) {
    if (i % 50 === 0) await client.query(`SET SESSION binlog_row_image = ${random.pick(IMAGES)}`);
    const draw = random.next();
    if (lastId === 0 || draw < 0.5) {
      const rows = Array.from(
        { length: 1 + random.below(4) },
        () => `(${[++lastId, ...others.map((name) => literal(name, random))].join()})`,
      );
      await client.query(`INSERT INTO t VALUES ${rows.join()}`);
    } else if (draw < 0.85) {
      const names = others.filter(() => random.below(4) === 0);
      const sets = (names.length > 0 ? names : [others[0]!]).map((name) => `\`${name}\` = ${literal(name, random)}`);
      await client.query(`UPDATE t SET ${sets.join()} WHERE id BETWEEN ${random.below(lastId)} AND ${random.below(lastId + 4)}`);
    } else await client.query(`DELETE FROM t WHERE id = ${random.below(lastId + 1)}`);
  }
  await client.end();
}

type Row = readonly string[];

/** `insert @1=...`, images one behind the other. */
function ours({ operation, schema, old, new: after }: LoggedRow): Row {
  const imageOf = (image: Uint8Array | null) =>
    image === null
      ? []
      : decodeRow(schema, image).flatMap((value, index) =>
          value === 'absent' ? [] : [`@${index + 1}=${value === null ? 'NULL' : value.toString()}`],
        );
  const kind = Object.keys(Operation).find((name) => Operation[name as keyof typeof Operation] === operation)!;
  return [kind, ...imageOf(old), ...imageOf(after)];
}

/** The same of what `mariadb-binlog -vv` prints. */
function theirs(printed: string): Row[] {
  const rows: string[][] = [];
  for (const line of printed.split('\n')) {
    const kind = /^### (INSERT INTO|UPDATE|DELETE FROM) `d`\.`t`/.exec(line)?.[1];
    if (kind !== undefined) rows.push([kind.split(' ')[0]!.toLowerCase()]);
    const value = /^### {3}@(\d+)=(.*) \/\* .* \*\/$/.exec(line);
    if (value !== null) rows.at(-1)!.push(`@${value[1]}=${plain(COLUMNS[Number(value[1]) - 1]!.name, value[2]!)}`);
  }
  return rows;
}

function plain(name: Name, printed: string): string {
  if (printed === 'NULL') return printed;
  switch (name) {
    case 'big':
      return /\((\d+)\)/.exec(printed)?.[1] ?? printed;
    case 'tiny':
    case 'medium':
      return printed.replace(/ \(.*/, '');
    case 'flags':
      return String(Number.parseInt(printed.slice(2, -1), 2));
    case 'ratio':
      return Number(printed).toString();
    case 'day':
      return printed.slice(1, -1).replaceAll(':', '-');
    case 'short':
    case 'fixed':
    case 'note':
    case 'at':
    case 'span':
      return printed
        .replace(/^'|'$/g, '')
        .replaceAll(/\\x([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
    default:
      return printed;
  }
}

const seed = Math.floor(Math.random() * 1_000_000);
test(
  `a random log is read as the server's own tool reads it, column by column, seed ${seed}`,
  { skip: skipUnless('mariadb') },
  async () => {
    const server = await startMariadb();
    await server.query(`CREATE DATABASE d; USE d; CREATE TABLE t (${COLUMNS.map(({ name, type }) => `\`${name}\` ${type}`).join()})`);
    await writeLog(server, new Random(seed));
    const [file] = server.binlogs();
    const stdout = await run('mariadb-binlog', ['--base64-output=DECODE-ROWS', '-vv', file!]);
    const rows = readBinlogRows([file!], { flavor: 'mariadb' }).get('t')!.map(ours);
    const expected = theirs(stdout);
    assert.ok(expected.length > STATEMENTS, `only ${expected.length} rows`);
    for (const [index, row] of expected.entries()) assert.deepEqual(rows[index], row, `row ${index}`);
    assert.equal(rows.length, expected.length);
    await server.destroy();
  },
);
