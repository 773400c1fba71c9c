import { MariadbGtidPosition } from './gtid.ts';
import { MysqlGtidSet } from './gtid-set.ts';

type Gtids = MariadbGtidPosition | MysqlGtidSet;

/** How many transactions the server has that were not read, by their numbers: MariaDB's grow by one in each domain. */
export function transactionsBehind(server: Gtids, read: Gtids): number {
  if (server instanceof MysqlGtidSet) return read instanceof MysqlGtidSet ? server.minus(read).count : 0;
  if (!(read instanceof MariadbGtidPosition)) return 0;
  return server.gtids.reduce((sum, { domain, sequence }) => {
    const behind = sequence - (read.of(domain)?.sequence ?? 0n);
    return behind > 0n ? sum + Number(behind) : sum;
  }, 0);
}
