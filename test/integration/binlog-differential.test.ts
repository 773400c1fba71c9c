import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../../engine/change/operation.ts';
import { Random } from '../crash/random.ts';
import { decodeRow } from '../support/binlog-layout.ts';
import { readBinlogRows, type LoggedRow } from '../support/binlog-rows.ts';
import { startMariadb } from '../support/mariadb.ts';
import { run } from '../support/run.ts';
import { skipUnless } from '../support/skip.ts';
import { RANDOM_COLUMNS, writeRandomLog, type RandomColumn } from './random-log.ts';

const STATEMENTS = 600;

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
    if (value !== null) rows.at(-1)!.push(`@${value[1]}=${plain(RANDOM_COLUMNS[Number(value[1]) - 1]!.name, value[2]!)}`);
  }
  return rows;
}

function plain(name: RandomColumn, printed: string): string {
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
    await writeRandomLog(server, { database: 'd', random: new Random(seed), statements: STATEMENTS });
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
