import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../../test/support/child.ts';
import { removeAtExit, removeNow } from '../../test/support/cleanup.ts';
import { REPLICA, REPLICA_PASSWORD } from '../../test/support/mysql-install.ts';
import { run } from '../../test/support/run.ts';
import { now, pause, secondsBetween } from '../measure/clock.ts';
import { reapedCpuSeconds } from '../measure/process-tree.ts';
import type { ReferenceProgram, ReferenceRun } from '../support/beside-reference.ts';
import type { LoadedBinlog } from './run.ts';

const POLL_MS = 2;
/** What a program writes there does not wait for a disk. */
const TMPFS = '/dev/shm/';

/** MariaDB's own reader of a log, which writes its bytes to a file as they are: what the server's sender gives. */
export function mariadbBinlog(log: LoadedBinlog): ReferenceProgram {
  return { name: 'mariadb-binlog --raw', run: () => runMariadbBinlog(log) };
}

/** The clock runs from the moment the server sends the log, by its list of connections, to the program's end. */
async function runMariadbBinlog({ database, place }: LoadedBinlog): Promise<ReferenceRun> {
  const directory = mkdtempSync(join(TMPFS, 'millrace-'));
  removeAtExit(directory);
  const newest = await database.newestConnection();
  const cpuBefore = reapedCpuSeconds();
  const login = [`--host=${database.server.host}`, `--port=${database.server.port}`, `--user=${REPLICA}`, `--password=${REPLICA_PASSWORD}`];
  const how = ['--no-defaults', '--read-from-remote-server', '--raw', '--skip-annotate-row-events', `--result-file=${directory}/`];
  const what = [`--start-position=${place.offset}`, place.file];
  const child = new Child('mariadb-binlog', [...how, ...login, ...what], { log: join(directory, 'log') });
  while (child.exit === null && !(await database.isDumping(newest))) await pause(POLL_MS);
  const start = now();
  const { code, signal } = await child.exited;
  const seconds = secondsBetween(start, now());
  if (code !== 0) throw new Error(`mariadb-binlog ended with ${code ?? signal}:\n${child.logTail()}`);
  removeNow(directory);
  return { seconds, cpuSeconds: reapedCpuSeconds() - cpuBefore };
}

/**
 * go-mysql, which decodes every row and counts it; it times itself from the dump command to the last row.
 * @param binary as `goMysql` found it
 */
export function goMysqlSyncer(binary: string, log: LoadedBinlog): ReferenceProgram {
  return { name: 'go-mysql', run: () => runGoMysql(binary, log) };
}

async function runGoMysql(binary: string, { database, place, rows }: LoadedBinlog): Promise<ReferenceRun> {
  const { server } = database;
  const login = ['-flavor', server.flavor, '-port', String(server.port), '-user', REPLICA, '-password', REPLICA_PASSWORD];
  const what = ['-file', place.file, '-offset', String(place.offset), '-database', database.name, '-rows', String(rows)];
  const cpuBefore = reapedCpuSeconds();
  const { seconds } = JSON.parse(await run(binary, [...login, ...what])) as { seconds: number };
  return { seconds, cpuSeconds: reapedCpuSeconds() - cpuBefore };
}
