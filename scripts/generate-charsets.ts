import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { fourByteNumber, LONGEST_CODE } from '../engine/source/mysql/rows/charset-table.ts';
import { askCodes, charsetsOf, openForCodes, SETS_WITHOUT_TABLE } from '../test/support/charset-codes.ts';
import { startMariadb } from '../test/support/mariadb.ts';
import type { MysqlServer } from '../test/support/mysql-server.ts';
import { startMysql } from '../test/support/mysql.ts';
import { projectRoot } from '../test/support/paths.ts';

/**
 * Writes `engine/source/mysql/rows/charsets/`: the characters of every character set as real servers convert them to utf8mb4. Run it by
 * hand (`node dist/scripts/generate-charsets.js`) when a server has a new one. The two servers agree on every set that both have.
 */
const TARGET = join(projectRoot, 'engine/source/mysql/rows/charsets');

/** Code points by code, those of as many bytes together. */
type Characters = readonly Map<number, number>[];

/** All characters of one set. */
async function charactersOf(asked: ReturnType<typeof askCodes>): Promise<Characters> {
  const sections = Array.from({ length: LONGEST_CODE }, () => new Map<number, number>());
  for await (const codes of asked) {
    for (const [code, character] of codes) {
      if (character !== null) sections[code.length - 1]?.set(numberOf(code), character.codePointAt(0) as number);
    }
  }
  return sections;
}

function numberOf(code: Buffer): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = code;
  return code.length === 4 ? fourByteNumber(first, second, third, fourth) : code.readUIntBE(0, code.length);
}

/** The form that `readCharsetTable` reads. */
export function packCharset(characters: Characters): Buffer {
  const numbers = characters.flatMap((section) => {
    const runs = runsOf(section);
    const differences = (part: number): number[] => runs.map((run, index) => (run[part] ?? 0) - (runs[index - 1]?.[part] ?? 0));
    return [runs.length, ...differences(0), ...differences(1), ...runs.map(([, , length]) => length)];
  });
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeInt32LE(number, 4 * index);
  return brotliCompressSync(bytes);
}

function runsOf(section: ReadonlyMap<number, number>): [code: number, point: number, length: number][] {
  const runs: [number, number, number][] = [];
  for (const [code, point] of [...section].sort(([a], [b]) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && code === last[0] + last[2] && point === last[1] + last[2]) last[2]++;
    else runs.push([code, point, 1]);
  }
  return runs;
}

async function tablesOf(server: MysqlServer): Promise<Map<string, Buffer>> {
  const connection = await openForCodes(server);
  const tables = new Map<string, Buffer>();
  for (const charset of await charsetsOf(server)) {
    if (SETS_WITHOUT_TABLE.includes(charset.name)) continue;
    tables.set(charset.name, packCharset(await charactersOf(askCodes(connection, charset))));
  }
  await connection.end();
  await server.destroy();
  return tables;
}

async function main(): Promise<void> {
  const [mariadb, mysql] = [await tablesOf(await startMariadb()), await tablesOf(await startMysql())];
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET, { recursive: true });
  for (const [name, table] of new Map([...mariadb, ...mysql])) {
    const other = mariadb.get(name) ?? table;
    if (!table.equals(other)) throw new Error(`MariaDB and MySQL have different characters in ${name}`);
    writeFileSync(join(TARGET, `${name}.br`), table);
  }
}

if (process.argv[1]?.endsWith('generate-charsets.js') === true) await main();
