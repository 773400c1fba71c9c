import { MillraceError } from '../../base/errors.ts';
import { fromConnectionError } from './connection-error.ts';
import { openSession, PINNED_SETTINGS, type Session, type SessionRequest } from './connection.ts';

/** A replication connection that is fit for the stream. */
export interface ReplicationSession {
  readonly session: Session;
  readonly walSenderTimeoutMs: number;
  /** The database's character set is SQL_ASCII: values come as the bytes they are. */
  readonly isUnconverted: boolean;
}

/**
 * Opens a replication connection and verifies the settings that the text form of values depends on: a pooler in between may drop what was
 * asked for.
 * @throws MillraceError `SESSION_SETTINGS`, and the codes of `openSession`
 */
export async function openReplication(request: Omit<SessionRequest, 'kind'>): Promise<ReplicationSession> {
  const session = await openSession({ ...request, kind: 'replication' });
  try {
    const settings = await readSettings(session);
    for (const [name, wanted] of Object.entries({ ...PINNED_SETTINGS, client_encoding: 'UTF8' })) {
      const found = settings.get(name) ?? '';
      // The server shows DateStyle with the order of input fields, which does not matter here.
      if (found === wanted || (name === 'DateStyle' && found.startsWith(`${wanted},`))) continue;
      const message = `The replication connection has ${name} = \`${found}\` instead of \`${wanted}\`, which was asked for at its start. Connect without a pooler.`;
      throw new MillraceError('SESSION_SETTINGS', message, { setting: name, found, wanted });
    }
    const isUnconverted = settings.get('server_encoding') === 'SQL_ASCII';
    // To UTF-8 the server converts nothing either, but refuses what is not UTF-8 without saying of which row: we look ourselves.
    if (isUnconverted) await session.client.query('SET client_encoding = SQL_ASCII');
    return { session, walSenderTimeoutMs: Number(settings.get('wal_sender_timeout')), isUnconverted };
  } catch (error) {
    await session.close();
    throw fromConnectionError(error, 'the replication connection cannot be used');
  }
}

/** A walsender takes SQL without parameters only. */
async function readSettings(session: Session): Promise<Map<string, string>> {
  const names = [...Object.keys(PINNED_SETTINGS), 'client_encoding', 'server_encoding', 'wal_sender_timeout'];
  const list = names.map((name) => `'${name.toLowerCase()}'`).join(', ');
  const { rows } = await session.client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_catalog.pg_settings WHERE lower(name) IN (${list})`,
  );
  return new Map(rows.map(({ name, setting }) => [name, setting]));
}
