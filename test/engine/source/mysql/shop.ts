import { startMariadb } from '../../../support/mariadb.ts';
import { startMysql } from '../../../support/mysql.ts';
import type { MysqlServer } from '../../../support/mysql-server.ts';
import { logEndOf } from '../../../support/mysql-version.ts';

/** Both servers, and how each is started. */
export const FLAVORS = [
  ['mariadb', startMariadb],
  ['mysql', startMysql],
] as const;

/** Makes a database `shop` with a table `t`. */
export const SCHEMA = 'CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, v varchar(20))';

/** Inserts rows, a transaction each. */
export async function insert(server: MysqlServer, ...ids: number[]): Promise<void> {
  for (const id of ids) await server.query(`INSERT INTO shop.t VALUES (${id}, 'a')`);
}

/** The same as a sink writes it down. */
export function inserted(...ids: number[]): string[] {
  return ids.map((id) => `insert shop.t new(${id},a)`);
}

/** Where the log ends, `file:offset`. */
export async function logEnd(server: MysqlServer): Promise<string> {
  const { file, offset } = await logEndOf(server);
  return `${file}:${offset}`;
}

/** All that was written, as GTIDs. */
export async function writtenGtids(server: MysqlServer): Promise<string> {
  const variable = server.flavor === 'mariadb' ? '@@gtid_binlog_pos' : '@@gtid_executed';
  return (await server.query<{ gtid: string }>(`SELECT ${variable} AS gtid`))[0]!.gtid;
}
