import { RESTART, sql, words } from '../../base/remedy.ts';
import { problem, warning, type Problem, type Warning } from '../problems.ts';
import type { ServerIdentity } from './identity.ts';

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
export function settingsWarnings({ flavor, hasBinlog, rowImage, checksum, gtidMode }: ServerIdentity): Warning[] {
  if (!hasBinlog) return [];
  const warnings: Warning[] = [];
  const lacks = PARTIAL_IMAGES[rowImage];
  if (lacks !== undefined) {
    const message = `binlog_row_image is ${rowImage}: ${lacks}. Messages hold what the log does, and no more.`;
    warnings.push(warning('binlog_row_image', message, [sql("SET GLOBAL binlog_row_image = 'FULL';"), KEPT]));
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
  return warnings;
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
