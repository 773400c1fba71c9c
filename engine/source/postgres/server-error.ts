import type { Code } from '../../base/codes.ts';
import { MillraceError } from '../../base/errors.ts';

/** The fields of a server's ErrorResponse that decide what it is (PostgreSQL manual 55.8). */
export interface ServerErrorFields {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** The C function that raised it: unlike the message it is not translated. */
  readonly routine: string | null;
  /** What the server was doing. */
  readonly context: string | null;
}

/**
 * Reads the body of an ErrorResponse or NoticeResponse: fields of a type byte and a text, each ended by a zero byte.
 * What cannot be read is left out: the message about an error must not fail.
 */
export function parseServerError(bytes: Uint8Array, start: number, end: number): ServerErrorFields {
  const fields = new Map<string, string>();
  let at = start;
  while (at < end && bytes[at] !== 0) {
    const zero = bytes.indexOf(0, at + 1);
    const stop = zero < 0 || zero > end ? end : zero;
    fields.set(String.fromCharCode(bytes[at]!), new TextDecoder().decode(bytes.subarray(at + 1, stop)));
    at = stop + 1;
  }
  const optional = (type: string) => fields.get(type) ?? null;
  return {
    code: fields.get('C') ?? '?',
    message: fields.get('M') ?? '',
    detail: optional('D'),
    hint: optional('H'),
    routine: optional('R'),
    context: optional('W'),
  };
}

/**
 * The server's error as ours. `doing` begins the message: "cannot start streaming".
 * Tells apart what a reconnect may mend, what a restart from the checkpoint may mend, and what needs someone to act.
 */
export function fromServerError(fields: ServerErrorFields, doing: string): MillraceError {
  const words = [fields.message, fields.detail, fields.hint].filter((text) => text !== null).join(' ');
  const details = { sqlstate: fields.code, ...(fields.routine === null ? {} : { routine: fields.routine }) };
  const lsn = /associated LSN ([0-9A-F]+\/[0-9A-F]+)/.exec(fields.context ?? '')?.[1];
  const where = lsn === undefined ? '' : ` at ${lsn}`;
  return new MillraceError(
    codeOf(fields),
    `${doing}${where}: ${words} (SQLSTATE ${fields.code})`,
    lsn === undefined ? details : { ...details, lsn },
  );
}

/** No buffer of the server holds more than 1 GB. Messages of these kinds are never translated. */
function isAboveServersLimit({ code, message, routine }: ServerErrorFields): boolean {
  if (code === '54000') return routine === 'enlargeStringInfo';
  return code === 'XX000' && message.startsWith('invalid memory alloc request size');
}

function codeOf(fields: ServerErrorFields): Code {
  const { code, routine } = fields;
  if (isAboveServersLimit(fields)) return 'ROW_UNSENDABLE';
  switch (code) {
    case '57P01': // admin_shutdown: pg_terminate_backend, fast shutdown
    case '57P02': // crash_shutdown
    case '57P05': // idle_session_timeout
      return 'CONNECTION_LOST';
    case '57P03': // cannot_connect_now: starting up, shutting down, recovering
      return 'SERVER_UNREACHABLE';
    case '53300': // too_many_connections
      return 'CONNECTIONS_EXHAUSTED';
    case '55006': // object_in_use: another walsender has the slot
      return 'SLOT_ACTIVE';
    case '42704': // undefined_object
      return routine === 'get_publication_oid' ? 'PUBLICATION_MISSING' : 'SLOT_MISSING';
    case '55000': // object_not_in_prerequisite_state: mostly a slot that was invalidated
      return routine === 'CheckLogicalDecodingRequirements' ? 'WAL_LEVEL' : 'SLOT_LOST';
    case '58P01': // undefined_file: a segment of the log
      return 'WAL_REMOVED';
    case '22021': // character_not_in_repertoire
    case '22P05': // untranslatable_character
      return 'TEXT_NOT_UTF8';
    case '40001': // serialization_failure: of what only reads, a conflict with a standby's recovery
      return 'SNAPSHOT_CANCELLED';
    case '42501': // insufficient_privilege
      return 'REPLICATION_PRIVILEGE';
    case '28000':
    case '28P01':
    case '3D000': // invalid_catalog_name: no such database
      return 'LOGIN_REFUSED';
    default:
      return code.startsWith('08') ? 'CONNECTION_LOST' : 'STREAM_REFUSED';
  }
}

/** By the routine that refuses: which limit was met, and how it is raised. */
const LIMITS_RAISED: Readonly<Record<string, string>> = {
  InitializeSessionUserId: 'Raise the limit of the role: ALTER ROLE ... CONNECTION LIMIT ...;',
  CheckMyDatabase: 'Raise the limit of the database: ALTER DATABASE ... CONNECTION LIMIT ...;',
};
const CONNECTIONS_RAISED = 'pg_stat_activity lists who has them: end some sessions, or raise max_connections and restart the server.';
const WAL_SENDERS_RAISED = 'pg_stat_replication lists who has them: end one, or raise max_wal_senders and restart the server.';

/**
 * A refused connection, with the limit that was met and what to do. Walsenders have a limit of their own, but the server refuses by both
 * in the same routine: only who asked for a walsender can tell them apart.
 */
export function withLimit(error: MillraceError, isReplication: boolean): MillraceError {
  if (error.code !== 'CONNECTIONS_EXHAUSTED') return error;
  const limit = LIMITS_RAISED[String(error.details['routine'])];
  if (limit === undefined && isReplication)
    return new MillraceError('WAL_SENDERS_EXHAUSTED', `${error.message}. ${WAL_SENDERS_RAISED}`, error.details);
  return new MillraceError(error.code, `${error.message}. ${limit ?? CONNECTIONS_RAISED}`, error.details);
}

const MENDED_BY_RECONNECT: ReadonlySet<Code> = new Set([
  'SERVER_UNREACHABLE',
  'CONNECTION_LOST',
  'CONNECTIONS_EXHAUSTED',
  'SLOT_ACTIVE',
  'WAL_SENDERS_EXHAUSTED',
]);

/** Of a server that has been streamed from: it may be half-way through a change of password or certificate, or through a failover. */
const MENDED_IF_IT_WORKED: ReadonlySet<Code> = new Set(['LOGIN_REFUSED', 'TLS_FAILED', 'SERVER_STANDBY']);

/** Whether to connect again after it. */
export function isMendedByReconnect(error: MillraceError, hasStreamed: boolean): boolean {
  return MENDED_BY_RECONNECT.has(error.code) || (hasStreamed && MENDED_IF_IT_WORKED.has(error.code));
}
