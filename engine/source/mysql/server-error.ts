import type { Code } from '../../base/codes.ts';
import { MillraceError } from '../../base/errors.ts';

/** The fields of a server's ERR packet. */
export interface ServerErrorFields {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** Reads the body of an ERR packet behind its 0xff: number, `#` and SQLSTATE, text. */
export function parseServerError(bytes: Uint8Array, start: number, end: number): ServerErrorFields {
  const errno = start + 2 <= end ? bytes[start]! | (bytes[start + 1]! << 8) : 0;
  const hasState = bytes[start + 2] === 0x23 && start + 8 <= end;
  const text = new TextDecoder();
  return {
    errno,
    sqlState: hasState ? text.decode(bytes.subarray(start + 3, start + 8)) : '',
    message: text.decode(bytes.subarray(Math.min(end, start + (hasState ? 8 : 2)), end)),
  };
}

/**
 * The server's error as ours. `doing` begins the message: "cannot connect to db:3306".
 * Tells apart what a reconnect may mend, what a restart from the checkpoint may mend, and what needs someone to act.
 */
export function fromServerError({ errno, sqlState, message }: ServerErrorFields, doing: string): MillraceError {
  const state = sqlState === '' ? '' : `, SQLSTATE ${sqlState}`;
  return new MillraceError(codeOf(errno, message), `${doing}: ${message} (error ${errno}${state})`, { errno });
}

/** Of both servers' lists of errors; where a number is of one alone, the other does not use it for anything else that can happen here. */
const CODE_OF: Readonly<Record<number, Code>> = {
  1040: 'CONNECTIONS_EXHAUSTED', // ER_CON_COUNT_ERROR
  1044: 'LOGIN_REFUSED', // ER_DBACCESS_DENIED_ERROR
  1045: 'LOGIN_REFUSED', // ER_ACCESS_DENIED_ERROR
  1053: 'CONNECTION_LOST', // ER_SERVER_SHUTDOWN
  1129: 'LOGIN_REFUSED', // ER_HOST_IS_BLOCKED
  1130: 'LOGIN_REFUSED', // ER_HOST_NOT_PRIVILEGED
  1142: 'BINLOG_PRIVILEGE', // ER_TABLEACCESS_DENIED_ERROR
  1143: 'BINLOG_PRIVILEGE', // ER_COLUMNACCESS_DENIED_ERROR
  1159: 'CONNECTION_LOST', // ER_NET_READ_INTERRUPTED
  1160: 'CONNECTION_LOST', // ER_NET_ERROR_ON_WRITE
  1161: 'CONNECTION_LOST', // ER_NET_WRITE_INTERRUPTED
  1203: 'CONNECTIONS_EXHAUSTED', // ER_TOO_MANY_USER_CONNECTIONS
  1220: 'BINLOG_PURGED', // ER_ERROR_WHEN_EXECUTING_COMMAND: SHOW BINLOG EVENTS of a file that is gone
  1226: 'CONNECTIONS_EXHAUSTED', // ER_USER_LIMIT_REACHED
  1227: 'BINLOG_PRIVILEGE', // ER_SPECIFIC_ACCESS_DENIED_ERROR
  1251: 'LOGIN_REFUSED', // ER_NOT_SUPPORTED_AUTH_MODE
  1317: 'CONNECTION_LOST', // ER_QUERY_INTERRUPTED
  1373: 'BINLOG_PURGED', // ER_UNKNOWN_TARGET_BINLOG
  1381: 'BINLOG_OFF', // ER_NO_BINARY_LOGGING
  1524: 'LOGIN_REFUSED', // ER_PLUGIN_IS_NOT_LOADED
  1698: 'LOGIN_REFUSED', // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1862: 'LOGIN_REFUSED', // ER_MUST_CHANGE_PASSWORD_LOGIN
  1927: 'CONNECTION_LOST', // ER_CONNECTION_KILLED
  3118: 'LOGIN_REFUSED', // ER_ACCOUNT_HAS_BEEN_LOCKED
  3159: 'LOGIN_REFUSED', // ER_SECURE_TRANSPORT_REQUIRED
  3169: 'CONNECTION_LOST', // ER_SESSION_WAS_KILLED
  4031: 'CONNECTION_LOST', // ER_CLIENT_INTERACTION_TIMEOUT
  4052: 'SERVER_ID_CLASH', // ER_SLAVE_SAME_ID of MariaDB
  4151: 'LOGIN_REFUSED', // ER_ACCOUNT_HAS_BEEN_LOCKED of MariaDB
};

/** What the dump is refused or ended with is told apart by its words, which are not translated: MariaDB's, MySQL's, old and new. */
const DUMP_ENDED = 1236;
const DUMP_WORDS: readonly (readonly [RegExp, Code])[] = [
  [/same server_uuid\/server_id|same replica_uuid|same server_id/i, 'SERVER_ID_CLASH'],
  [/purged|Could not find first log file name|Could not find GTID state requested/i, 'BINLOG_PURGED'],
  [/has more GTIDs than/i, 'GTID_UNKNOWN'],
  [/which is not in the (master|source)'s binlog/i, 'GTID_UNKNOWN'],
  [/impossible position|position > file size/i, 'POSITION_BEYOND_END'],
  [/GTID_MODE|anonymous transaction/i, 'GTID_MODE'],
  [/Binary log is not open|binary log is not enabled/i, 'BINLOG_OFF'],
];

function codeOf(errno: number, message: string): Code {
  if (errno !== DUMP_ENDED) return CODE_OF[errno] ?? 'STREAM_REFUSED';
  return DUMP_WORDS.find(([words]) => words.test(message))?.[1] ?? 'STREAM_REFUSED';
}

const MENDED_BY_RECONNECT: ReadonlySet<Code> = new Set(['SERVER_UNREACHABLE', 'CONNECTION_LOST', 'CONNECTIONS_EXHAUSTED']);

/** Of a server that has been streamed from: it may be half-way through a change of password or certificate. */
const MENDED_IF_IT_WORKED: ReadonlySet<Code> = new Set(['LOGIN_REFUSED', 'TLS_FAILED']);

/** Whether to connect again after it. */
export function isMendedByReconnect(error: MillraceError, hasStreamed: boolean): boolean {
  return MENDED_BY_RECONNECT.has(error.code) || (hasStreamed && MENDED_IF_IT_WORKED.has(error.code));
}
