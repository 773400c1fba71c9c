import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Meaning } from '../engine/source/mysql/binlog/ambiguity.ts';
import { readCatalogColumns } from '../engine/source/mysql/catalog.ts';
import { openSession } from '../engine/source/mysql/connection.ts';
import { parseConnectionUrl } from '../engine/source/mysql/url.ts';
import { startMariadb } from '../test/support/mariadb.ts';
import { LOG_FILE, MAXWELL_FIXTURES, MAXWELL_RUNS, type MaxwellRun } from '../test/support/maxwell-runs.ts';
import { startMysql } from '../test/support/mysql.ts';
import type { MysqlServer } from '../test/support/mysql-server.ts';
import { Maxwell } from './capture-maxwell/maxwell.ts';
import { writeLog } from './capture-maxwell/statements.ts';

/**
 * Writes the logs in test/fixtures/maxwell/ and what Maxwell makes of them. Run it by hand when the statements change:
 * `node dist/scripts/capture-maxwell.js LIBRARY [JAVA]`, with the directory of Maxwell's jars and a Java of 19 or later.
 */
const [library, java = 'java'] = process.argv.slice(2);
if (library === undefined) throw new Error('usage: capture-maxwell LIBRARY [JAVA]');

/** Where Maxwell keeps what it knows: one place for each way of keeping its position. */
const SCHEMA_DATABASES = { byPlace: 'maxwell', byGtid: 'maxwell_gtid' } as const;
const SETTINGS = { 'server-id': 4_294_967_295 };

for (const { flavor, start } of [
  { flavor: 'mariadb', start: startMariadb },
  { flavor: 'mysql', start: startMysql },
] as const) {
  const [source, store] = await Promise.all([start({ settings: SETTINGS }), start()]);
  try {
    await capture(flavor, source, new Maxwell({ library, java, source, store }));
  } finally {
    await Promise.all([source.destroy(), store.destroy()]);
  }
}

async function capture(flavor: MysqlServer['flavor'], source: MysqlServer, maxwell: Maxwell): Promise<void> {
  const runs = MAXWELL_RUNS.filter(({ flavors }) => flavors.includes(flavor));
  for (const isByGtid of new Set(runs.map((run) => run.isByGtid))) await maxwell.learn(schemaDatabaseOf(isByGtid), placeOf(isByGtid));
  const [start] = await source.query<{ File: string; Position: number }>('SHOW MASTER STATUS');
  if (start?.File !== LOG_FILE) throw new Error(`the log begins in ${start?.File}, not in ${LOG_FILE}`);
  await writeLog(source);
  write(`${flavor}.binlog.gz`, readFileSync(join(source.dataDir, LOG_FILE)));
  if (flavor === 'mariadb') write('mariadb.meanings.json.gz', JSON.stringify(await meaningsOf(source)));
  for (const run of runs) {
    const from: Record<string, string> = run.isByGtid ? {} : { init_position: `${start.File}:${start.Position}:0` };
    const lines = await maxwell.read(run.name, { ...run.options, ...placeOf(run.isByGtid), ...from, filter: filterOf(run) });
    write(`${flavor}-${run.name}.jsonl.gz`, lines);
  }
}

function schemaDatabaseOf(isByGtid: true | undefined): string {
  return isByGtid ? SCHEMA_DATABASES.byGtid : SCHEMA_DATABASES.byPlace;
}

function placeOf(isByGtid: true | undefined): Record<string, string> {
  return { schema_database: schemaDatabaseOf(isByGtid), ...(isByGtid ? { gtid_mode: 'true' } : {}) };
}

function filterOf({ databases }: MaxwellRun): string {
  return ['exclude: *.*', ...databases.map((name) => `include: \`${name}\`.*`)].join(', ');
}

/** By table: what the catalogue says of columns that the log leaves open. */
async function meaningsOf(source: MysqlServer): Promise<Record<string, Record<string, Meaning>>> {
  const session = await openSession(parseConnectionUrl(source.url()).settings);
  const tables = await source.query<{ db: string; name: string }>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?)',
    [[...new Set(MAXWELL_RUNS.flatMap(({ databases }) => databases))]],
  );
  const meanings: Record<string, Record<string, Meaning>> = {};
  for (const { db, name } of tables) {
    const columns = await readCatalogColumns(session, db, name);
    if (columns !== null && columns.meanings.size > 0) meanings[`${db}.${name}`] = Object.fromEntries(columns.meanings);
  }
  await session.close();
  return meanings;
}

function write(file: string, content: string | Buffer): void {
  const bytes = gzipSync(content, { level: 9 });
  writeFileSync(join(MAXWELL_FIXTURES, file), bytes);
  process.stdout.write(`${file}: ${bytes.length} bytes\n`);
}
