import { MARIADB } from './mysql-install.ts';
import { startMysqlServer, type MysqlOptions, type MysqlServer } from './mysql-server.ts';

/** Starts MariaDB with GTIDs and full row metadata. Needs `skipUnless('mariadb')`. */
export async function startMariadb(options: MysqlOptions = {}): Promise<MysqlServer> {
  return await startMysqlServer(MARIADB, options);
}
