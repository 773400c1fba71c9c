import type { AnswerRow, Session } from './connection.ts';
import { MillraceError } from '../../base/errors.ts';
import type { Flavor } from './url.ts';

/** Which server this is, and what of its settings a start depends on. Settings that it does not have are empty. */
export interface ServerIdentity {
  readonly flavor: Flavor;
  /** As the server writes it. */
  readonly version: string;
  /** Major, minor: 1011 for 10.11, 800 for 8.0. */
  readonly versionNumber: number;
  readonly serverId: number;
  /** MySQL's `server_uuid`; empty on MariaDB, which has nothing like it. */
  readonly serverUuid: string;
  /** `'user'@'host'`, as a GRANT takes it. */
  readonly account: string;
  readonly hasBinlog: boolean;
  readonly binlogFormat: string;
  readonly rowImage: string;
  readonly rowMetadata: string;
  /** MySQL's `binlog_row_value_options`. */
  readonly rowValueOptions: string;
  readonly checksum: string;
  /** Whether its log has what comes to it by replication (`log_slave_updates`). */
  readonly logsReplicated: boolean;
  /** Whether anything has ever come to it so, as far as it tells: MariaDB's `gtid_slave_pos`. */
  readonly hasReplicated: boolean;
  /** Empty on MariaDB, whose transactions always have GTIDs. */
  readonly gtidMode: string;
  /** All that was ever written to this log: MySQL's `gtid_executed`; MariaDB's `gtid_binlog_state`, by domain and server. */
  readonly gtidState: string;
  /** MySQL: what is no longer in the log. */
  readonly gtidPurged: string;
  /** Seconds after which files of the log are removed; 0 for never. */
  readonly expireSeconds: number;
}

/** A file of the log, and its size when it was asked for. */
export interface LogFile {
  readonly name: string;
  readonly bytes: number;
}

/** Where the log ends. */
export interface LogEnd {
  readonly file: string;
  readonly offset: number;
  /** MySQL: all transactions up to there; empty on MariaDB. */
  readonly executed: string;
  /** Databases that alone are logged; empty for all but those of `withoutDatabases`. */
  readonly onlyDatabases: readonly string[];
  /** Databases whose changes are left out. */
  readonly withoutDatabases: readonly string[];
}

const EXPIRY = ['binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge', 'expire_logs_days'];
const VARIABLES = [
  'server_id',
  'server_uuid',
  'log_bin',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_metadata',
  'binlog_row_value_options',
  'binlog_checksum',
  'log_slave_updates',
  'log_replica_updates',
  'gtid_slave_pos',
  'gtid_mode',
  'gtid_executed',
  'gtid_purged',
  'gtid_binlog_state',
  ...EXPIRY,
];

export async function readServerIdentity(session: Session): Promise<ServerIdentity> {
  const [facts] = await session.query('SELECT VERSION() AS version, CURRENT_USER() AS user');
  const of = await readVariables(session, VARIABLES);
  const version = facts?.['version'] ?? '';
  const flavor = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return {
    flavor,
    version,
    versionNumber: Number(major) * 100 + Number(minor),
    serverId: Number(of('server_id')),
    serverUuid: of('server_uuid'),
    account: quotedAccount(facts?.['user'] ?? ''),
    hasBinlog: of('log_bin') === 'ON',
    binlogFormat: of('binlog_format'),
    rowImage: of('binlog_row_image'),
    rowMetadata: of('binlog_row_metadata'),
    rowValueOptions: of('binlog_row_value_options'),
    checksum: of('binlog_checksum'),
    logsReplicated: [of('log_slave_updates'), of('log_replica_updates')].includes('ON'),
    hasReplicated: of('gtid_slave_pos') !== '',
    gtidMode: of('gtid_mode'),
    gtidState: (flavor === 'mariadb' ? of('gtid_binlog_state') : of('gtid_executed')).replaceAll('\n', ''),
    gtidPurged: of('gtid_purged').replaceAll('\n', ''),
    expireSeconds: expireSecondsIn(of),
  };
}

type Variables = (name: string) => string;

/** Global variables by name; those that the server does not have are empty. */
async function readVariables(session: Session, names: readonly string[]): Promise<Variables> {
  const rows = await session.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map((name) => `'${name}'`).join(', ')})`);
  const values = new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), row['Value'] ?? '']));
  return (name) => values.get(name) ?? '';
}

/** Seconds after which files of the log are removed; 0 for never. Old servers count in days. */
function expireSecondsIn(of: Variables): number {
  if (of('binlog_expire_logs_auto_purge') === 'OFF') return 0;
  return Number(of('binlog_expire_logs_seconds')) || Math.round(Number(of('expire_logs_days')) * 86_400);
}

/** The same, by itself: it may change while the stream runs. */
export async function readExpireSeconds(session: Session): Promise<number> {
  return expireSecondsIn(await readVariables(session, EXPIRY));
}

/** `repl@10.%` as `'repl'@'10.%'`. */
function quotedAccount(user: string): string {
  const at = user.lastIndexOf('@');
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `${quoted(user.slice(0, at))}@${quoted(user.slice(at + 1))}`;
}

/** The files of the log, oldest first. @throws MillraceError `BINLOG_PRIVILEGE` and what else the server refuses it with */
export async function readLogFiles(session: Session): Promise<LogFile[]> {
  const rows = await session.query('SHOW BINARY LOGS');
  return rows.map((row) => ({ name: row['Log_name'] ?? '', bytes: Number(row['File_size']) }));
}

/** @throws MillraceError `BINLOG_OFF`, `BINLOG_PRIVILEGE` and what else the server refuses it with */
export async function readLogEnd(session: Session, { flavor, versionNumber }: ServerIdentity): Promise<LogEnd> {
  const isRenamed = flavor === 'mysql' && versionNumber >= 804;
  const [row] = await session.query(isRenamed ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
  if (row === undefined) throw new MillraceError('BINLOG_OFF', 'The server writes no binary log: log_bin is OFF.');
  return {
    file: row['File'] ?? '',
    offset: Number(row['Position']),
    executed: (row['Executed_Gtid_Set'] ?? '').replaceAll('\n', ''),
    onlyDatabases: listIn(row['Binlog_Do_DB']),
    withoutDatabases: listIn(row['Binlog_Ignore_DB']),
  };
}

function listIn(text: string | null | undefined): string[] {
  return (text ?? '').split(',').filter((name) => name !== '');
}

/** All that the log holds at the moment, by GTIDs; null where transactions have none. */
export async function readGtidsAtEnd(session: Session, { flavor, gtidMode }: ServerIdentity): Promise<string | null> {
  if (flavor === 'mysql' && gtidMode !== 'ON') return null;
  const variable = flavor === 'mariadb' ? 'gtid_binlog_pos' : 'gtid_executed';
  const [row] = await session.query(`SELECT @@GLOBAL.${variable} AS position`);
  return (row?.['position'] ?? '').replaceAll('\n', '');
}

/** How often a session began an XA transaction since the server was started. */
export async function readXaCount(session: Session): Promise<number> {
  const [row] = await session.query("SHOW GLOBAL STATUS LIKE 'Com_xa_start'");
  return Number(row?.['Value'] ?? 0);
}

/** MariaDB: the GTID position at a place; null where the server knows no such place. */
export async function readGtidsAt(session: Session, file: string, offset: number): Promise<string | null> {
  const [row] = await session.query('SELECT BINLOG_GTID_POS(?, ?) AS position', [file, offset]);
  return row?.['position'] ?? null;
}

/** Replicas that have registered, by `server_id`; null where the account may not see them. */
export async function readReplicas(session: Session, { flavor, versionNumber }: ServerIdentity): Promise<Map<number, string> | null> {
  const isRenamed = flavor === 'mysql' && versionNumber >= 804;
  try {
    const rows = await session.query(isRenamed ? 'SHOW REPLICAS' : 'SHOW SLAVE HOSTS');
    return new Map(rows.map((row) => [Number(serverIdIn(row)), row['Host'] ?? '']));
  } catch (error) {
    // MariaDB shows them to replication administrators alone.
    if (error instanceof MillraceError && error.code === 'BINLOG_PRIVILEGE') return null;
    throw error;
  }
}

function serverIdIn(row: AnswerRow): string | null {
  return row['Server_id'] ?? row['Server_Id'] ?? null;
}
