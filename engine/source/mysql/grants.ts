import { sql } from '../../base/remedy.ts';
import { problem, type Problem } from '../problems.ts';
import type { Session } from './connection.ts';
import type { ServerIdentity } from './identity.ts';

/** What the account may do on the whole server; null where that cannot be told, because it also has roles. */
export type GlobalPrivileges = ReadonlySet<string> | null;

/** Privileges of a server that each do: the first is what is asked for. */
interface Need {
  readonly what: string;
  readonly anyOf: readonly string[];
}

const READ_LOG: Need = { what: 'read the binary log', anyOf: ['REPLICATION SLAVE', 'REPLICATION REPLICA'] };
/** MariaDB 10.5 renamed what MySQL calls REPLICATION CLIENT. */
const LOOK_AT_LOG = {
  mariadb: { what: 'see where the binary log ends', anyOf: ['BINLOG MONITOR', 'REPLICATION CLIENT', 'SUPER'] },
  mysql: { what: 'see where the binary log ends', anyOf: ['REPLICATION CLIENT', 'SUPER'] },
} as const;

const GLOBAL_GRANT = /^GRANT (.*?) ON \*\.\* TO /is;
const ROLE_GRANT = /^GRANT (?!.* ON ).* TO /is;

/** Asks for the account's own grants. */
export async function readPrivileges(side: Session): Promise<GlobalPrivileges> {
  const rows = await side.query('SHOW GRANTS');
  return globalPrivileges(rows.map((row) => Object.values(row)[0] ?? ''));
}

/** Of the lines of SHOW GRANTS. */
export function globalPrivileges(lines: readonly string[]): GlobalPrivileges {
  if (lines.some((line) => ROLE_GRANT.test(line))) return null;
  const lists = lines.map((line) => GLOBAL_GRANT.exec(line)?.[1]).filter((list) => list !== undefined);
  return new Set(lists.flatMap((list) => list.toUpperCase().split(/,\s*/)));
}

/** Whether the account may read the log at all. */
export function judgePrivileges(privileges: GlobalPrivileges, { flavor, account }: ServerIdentity): Problem[] {
  if (privileges === null || privileges.has('ALL PRIVILEGES')) return [];
  return [READ_LOG, LOOK_AT_LOG[flavor]]
    .filter(({ anyOf }) => !anyOf.some((name) => privileges.has(name)))
    .map(({ what, anyOf }) => {
      const statement = `GRANT ${anyOf[0]} ON *.* TO ${account};`;
      return problem('BINLOG_PRIVILEGE', `The account ${account} may not ${what}. Run: ${statement}`, { account }, [sql(statement)]);
    });
}
