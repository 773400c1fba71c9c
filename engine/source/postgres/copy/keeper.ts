import { escapeLiteral } from 'pg';
import { openSession, type Session, type SessionRequest } from '../connection.ts';
import { parseLsn, type Lsn } from '../lsn.ts';
import { MICROS } from './statements.ts';

/** The snapshot that all connections read under, held by a session of its own. */
export interface Keeper {
  readonly session: Session;
  /** By which other sessions import it, for as long as this one's transaction is open. */
  readonly snapshotId: string;
  /** What was committed before it lies before this place of the log, or was so in the log a moment earlier. */
  readonly lsn: Lsn;
  /** The server's clock at that moment, microseconds since 1970. */
  readonly micros: bigint;
  /** The database's character set is SQL_ASCII: values come as the bytes they are. */
  readonly isUnconverted: boolean;
}

/**
 * Takes a snapshot, or takes over one that was exported: a slot's own ends with the next command on the connection that created the slot.
 * @throws MillraceError of the connection's codes
 */
export async function openKeeper(request: Omit<SessionRequest, 'kind'>, exported: string | null): Promise<Keeper> {
  const session = await openReader(request);
  try {
    const { client } = session;
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    if (exported !== null) await client.query(`SET TRANSACTION SNAPSHOT ${escapeLiteral(exported)}`);
    const { rows } = await client.query<{ id: string; lsn: string; micros: string; encoding: string }>(
      `SELECT pg_export_snapshot() AS id, current_setting('server_encoding') AS encoding,
              CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
              ${MICROS}::text AS micros`,
    );
    const { id, lsn, micros, encoding } = rows[0]!;
    return { session, snapshotId: id, lsn: parseLsn(lsn), micros: BigInt(micros), isUnconverted: encoding === 'SQL_ASCII' };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A session that reads tables: whole ones, whatever policies they have, and however long it takes. */
export async function openReader(request: Omit<SessionRequest, 'kind'>): Promise<Session> {
  const session = await openSession({ ...request, kind: 'query' });
  try {
    await session.client.query('SET row_security = off; SET lock_timeout = 0');
    if (session.parameter('server_encoding') === 'SQL_ASCII') await session.client.query('SET client_encoding = SQL_ASCII');
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}
