import { RESTART, sql, words } from '../../base/remedy.ts';
import { nameSome, problem, warning, type Problem, type Warning } from '../problems.ts';
import type { LogEnd, ServerIdentity } from './identity.ts';
import type { CatalogTable } from './selection.ts';

const OLDEST = { mariadb: 1006, mysql: 800 } as const;
const NAMES = { mariadb: 'MariaDB', mysql: 'MySQL' } as const;

/** Whether the server is new enough: older ones cannot name columns in the log. */
export function judgeVersion({ flavor, version, versionNumber }: ServerIdentity): Problem[] {
  if (versionNumber >= OLDEST[flavor]) return [];
  const message = `The server is ${NAMES[flavor]} ${version}; Millrace reads MariaDB from 10.6 on and MySQL from 8.0 on.`;
  return [problem('SERVER_VERSION', message, { version }, [words('upgrade the server')])];
}

/** Whether the log holds rows, and what their columns are. */
export function judgeSettings(server: ServerIdentity): Problem[] {
  if (!server.hasBinlog) {
    const message = 'The server writes no binary log: log_bin is OFF. Start it with log_bin and a server_id.';
    return [problem('BINLOG_OFF', message, {}, [words("put `log_bin` and `server_id` into the server's configuration"), RESTART])];
  }
  return [...judgeFormat(server), ...judgeMetadata(server)];
}

function judgeFormat({ binlogFormat }: ServerIdentity): Problem[] {
  if (binlogFormat === 'ROW') return [];
  const statement = "SET GLOBAL binlog_format = 'ROW';";
  const message = `binlog_format is ${binlogFormat}: the log holds statements instead of rows. Run ${statement} and let open sessions connect anew.`;
  return [problem('BINLOG_FORMAT', message, { binlog_format: binlogFormat }, [sql(statement), KEPT])];
}

function judgeMetadata({ rowMetadata }: ServerIdentity): Problem[] {
  if (rowMetadata === 'FULL') return [];
  const statement = "SET GLOBAL binlog_row_metadata = 'FULL';";
  const message = `binlog_row_metadata is ${rowMetadata}: the log does not name the columns of its rows. Run ${statement}`;
  return [problem('BINLOG_ROW_METADATA', message, { binlog_row_metadata: rowMetadata }, [sql(statement), KEPT])];
}

const KEPT = words("put the same into the server's configuration, so that it is kept");

/** What the log lacks that rows can be exported without. Of a server without a log there is nothing to tell. */
export function settingsWarnings(server: ServerIdentity): Warning[] {
  const { flavor, hasBinlog, rowImage, rowValueOptions, checksum, gtidMode } = server;
  if (!hasBinlog) return [];
  const warnings: Warning[] = [];
  const lacks = PARTIAL_IMAGES[rowImage];
  if (lacks !== undefined) {
    const message = `binlog_row_image is ${rowImage}: ${lacks}. Messages hold what the log does, and no more.`;
    warnings.push(warning('binlog_row_image', message, [sql("SET GLOBAL binlog_row_image = 'FULL';"), KEPT]));
  }
  if (rowValueOptions !== '') {
    const message =
      `binlog_row_value_options is ${rowValueOptions}: an update of a JSON column may be logged as its changed parts alone, and ends the ` +
      'stream where its table is selected (BINLOG_EVENT_UNSUPPORTED).';
    warnings.push(warning('binlog_row_value_options', message, [sql("SET GLOBAL binlog_row_value_options = '';"), KEPT]));
  }
  if (checksum === 'NONE') {
    const message = 'binlog_checksum is NONE: an event that is damaged on its way or on disk may be read as another one.';
    warnings.push(warning('binlog_checksum', message, [sql("SET GLOBAL binlog_checksum = 'CRC32';"), KEPT]));
  }
  if (flavor === 'mysql' && gtidMode !== 'ON') {
    const message = `gtid_mode is ${gtidMode}: the position goes by file and offset, which mean nothing to another server after a failover.`;
    warnings.push(
      warning('gtid_mode', message, [words("turn it on in MySQL's four steps (OFF_PERMISSIVE, ON_PERMISSIVE, ON), or leave it")]),
    );
  }
  return [...warnings, ...replicationWarnings(server)];
}

/** MySQL has the setting off only where somebody turned it off; MariaDB unless somebody turned it on, also where nothing is replicated. */
function replicationWarnings({ flavor, logsReplicated, hasReplicated }: ServerIdentity): Warning[] {
  if (logsReplicated || (flavor === 'mariadb' && !hasReplicated)) return [];
  const name = flavor === 'mariadb' ? 'log_slave_updates' : 'log_replica_updates';
  const message = `${name} is OFF: the log lacks what comes to this server by replication, and so do the messages.`;
  const remedies = [
    words(`read from the server that the changes are made on, or put \`${name} = ON\` into the server's configuration`),
    RESTART,
  ];
  return [warning('log_replica_updates', message, remedies)];
}

/** Databases of selected tables whose changes the server leaves out of its log (`binlog_do_db`, `binlog_ignore_db`). */
export function databaseWarnings({ onlyDatabases, withoutDatabases }: LogEnd, tables: readonly CatalogTable[]): Warning[] {
  const isLogged = (name: string) => (onlyDatabases.length > 0 ? onlyDatabases.includes(name) : !withoutDatabases.includes(name));
  const lost = [...new Set(tables.map(({ database }) => database))].filter((name) => !isLogged(name));
  if (lost.length === 0) return [];
  const given =
    onlyDatabases.length > 0 ? `binlog_do_db is ${onlyDatabases.join(', ')}` : `binlog_ignore_db is ${withoutDatabases.join(', ')}`;
  const message = `${given}: changes of the tables of ${nameSome(lost)} are not in the log, and nothing of them is exported.`;
  const remedies = [words("take the setting out of the server's configuration, or the databases out of MILLRACE_TABLES"), RESTART];
  return [warning('binlog_databases', message, remedies)];
}

const PARTIAL_IMAGES: Readonly<Record<string, string>> = {
  MINIMAL: 'an update has its key and the columns that it set, a delete its key alone',
  NOBLOB: 'updates and deletes lack the columns of text and blobs that they did not need',
};

/** Whether `server_id` is free. @param replicas that the server knows, by id; null where it does not tell */
export function judgeServerId(server: ServerIdentity, serverId: number, replicas: ReadonlyMap<number, string> | null): Problem[] {
  const other = [words('set MILLRACE_SERVER_ID to a number that no server and no replica of it has')];
  if (server.serverId === serverId) {
    const message = `The server itself has the server_id ${serverId}. Set MILLRACE_SERVER_ID to another number.`;
    return [problem('SERVER_ID_TAKEN', message, { server_id: serverId }, other)];
  }
  const name = replicas?.get(serverId);
  if (name === undefined) return [];
  const who = name === '' ? 'a replica' : `the replica ${name}`;
  const message =
    `${who[0]!.toUpperCase()}${who.slice(1)} is connected with the server_id ${serverId}, which the server allows only one. ` +
    'If it is an earlier Millrace, its end is yet to be noticed; else set MILLRACE_SERVER_ID to another number.';
  return [problem('SERVER_ID_TAKEN', message, { server_id: serverId, replica: name }, other)];
}
