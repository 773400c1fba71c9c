import { MYSQL } from './mysql-install.ts';
import { startMysqlServer, type MysqlOptions, type MysqlServer } from './mysql-server.ts';

/** Starts MySQL with GTIDs and full row metadata. Needs `skipUnless('mysql')`. */
export async function startMysql(options: MysqlOptions = {}): Promise<MysqlServer> {
  return await startMysqlServer(MYSQL, options);
}
