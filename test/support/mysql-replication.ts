import type { MysqlServer } from './mysql-server.ts';

/** Makes a server a replica of another one, from that one's first transaction on; both have GTIDs. */
export async function replicate(replica: MysqlServer, { host, port, flavor }: MysqlServer): Promise<void> {
  const place = (word: string) => `${word}_HOST = '${host}', ${word}_PORT = ${port}, ${word}_USER = 'root'`;
  await replica.query(
    flavor === 'mariadb'
      ? `CHANGE MASTER TO ${place('MASTER')}, MASTER_USE_GTID = slave_pos; START SLAVE`
      : `CHANGE REPLICATION SOURCE TO ${place('SOURCE')}, SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1; START REPLICA`,
  );
}

/** Ends that: the replica goes its own way. */
export async function promote(replica: MysqlServer): Promise<void> {
  await replica.query(replica.flavor === 'mariadb' ? 'STOP SLAVE' : 'STOP REPLICA');
}
