import type { MysqlServer } from './mysql-server.ts';

/** A server's version by its digits alone: `10.11.6`. */
export async function versionOf(server: MysqlServer): Promise<string> {
  const [row] = await server.query<{ version: string }>('SELECT version() AS version');
  return /^[\d.]+/.exec(row!.version)![0];
}

/** Whether a version is `first`, as in `11.4`, or comes after it. */
export function isSince(version: string, first: string): boolean {
  return version.localeCompare(first, 'en', { numeric: true }) >= 0;
}

/** From 8.4 on MySQL knows statements of replication by their new names alone; MariaDB keeps the old ones. */
async function areStatementsRenamed(server: MysqlServer): Promise<boolean> {
  return server.flavor === 'mysql' && isSince(await versionOf(server), '8.4');
}

/** Where the log ends. */
export async function logEndOf(server: MysqlServer): Promise<{ readonly file: string; readonly offset: number }> {
  const sql = (await areStatementsRenamed(server)) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
  const [row] = await server.query<{ File: string; Position: number }>(sql);
  return { file: row!.File, offset: row!.Position };
}

/** Removes all files of the log, and begins anew with its numbers. */
export async function resetLog(server: MysqlServer): Promise<void> {
  await server.query((await areStatementsRenamed(server)) ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
}
