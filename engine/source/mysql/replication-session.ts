import { createHash } from 'node:crypto';
import { fromConnectionError } from './connection-error.ts';
import { openSession, type Session } from './connection.ts';
import type { LogPosition } from './trail.ts';
import type { ConnectionSettings, Flavor } from './url.ts';

export interface ReplicationRequest {
  readonly settings: ConnectionSettings;
  /** Of the server, as its version says it. */
  readonly flavor: Flavor;
  readonly serverId: number;
  readonly heartbeatMs: number;
}

/** The longest time that servers accept: a stream that has no room for more may stand still for as long as it takes. */
const NEVER_SECONDS = 31_536_000;

/**
 * Opens a connection and tells the server how its dump is to be: checksums as the log has them, heartbeats while nothing else comes, no
 * end however long we do not read.
 * @throws MillraceError the codes of `openSession`
 */
export async function openReplication({ settings, flavor, serverId, heartbeatMs }: ReplicationRequest): Promise<Session> {
  const session = await openSession(settings);
  try {
    await session.query(`SET SESSION net_write_timeout = ${NEVER_SECONDS}, SESSION net_read_timeout = ${NEVER_SECONDS}`);
    const variables = flavor === 'mariadb' ? mariadbVariables(heartbeatMs) : mysqlVariables(heartbeatMs, serverId);
    await session.query(`SET ${variables.join(', ')}`);
    return session;
  } catch (error) {
    await session.close();
    throw fromConnectionError(error, 'the replication connection cannot be used');
  }
}

/** From capability 4 on GTID events come as they are. */
function mariadbVariables(heartbeatMs: number): string[] {
  return [
    "@master_binlog_checksum = 'CRC32'",
    `@master_heartbeat_period = ${heartbeatMs * 1_000_000}`,
    '@mariadb_slave_capability = 4',
    '@slave_gtid_strict_mode = 1',
    '@slave_gtid_ignore_duplicates = 0',
  ];
}

/** MySQL renames these variables from 8.0.26 on, and looks at both names. */
function mysqlVariables(heartbeatMs: number, serverId: number): string[] {
  const uuid = replicaUuid(serverId);
  return ['master', 'source']
    .flatMap((side) => [`@${side}_binlog_checksum = 'CRC32'`, `@${side}_heartbeat_period = ${heartbeatMs * 1_000_000}`])
    .concat([`@slave_uuid = '${uuid}'`, `@replica_uuid = '${uuid}'`]);
}

/** The same for each connection of a changefeed: by it the server ends the dump of an earlier one whose end it has not noticed. */
function replicaUuid(serverId: number): string {
  const hex = createHash('sha256').update(`millrace ${serverId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Tells a server of MariaDB where the dump is to begin, by GTIDs; without, it goes by file and offset. */
export async function connectState(session: Session, { flavor, gtid }: LogPosition): Promise<void> {
  if (flavor === 'mariadb' && gtid !== '') await session.query(`SET @slave_connect_state = ?`, [gtid]);
}
