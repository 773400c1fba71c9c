import { MillraceError, type ErrorDetails } from '../../base/errors.ts';
import { fromServerError } from './server-error.ts';

/** What `mysql2`, Node's sockets and its TLS throw, as one of our errors. `doing` begins the message: "cannot connect to db:3306". */
export function fromConnectionError(thrown: unknown, doing: string, details: ErrorDetails = {}): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if ('errno' in error && typeof error.errno === 'number' && error.errno > 0 && 'sqlState' in error) {
    const sqlState = typeof error.sqlState === 'string' ? error.sqlState : '';
    const told = fromServerError({ errno: error.errno, sqlState, message: messageOf(error) }, doing);
    return new MillraceError(told.code, told.message, { ...details, ...told.details }, { cause: error });
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (LOGIN_CODES.has(code)) return new MillraceError('LOGIN_REFUSED', `${doing}: ${loginWords(error)}`, details, { cause: error });
  const message = `${doing}: ${describe(error, code)}`;
  if (isTlsFailure(error, code)) return new MillraceError('TLS_FAILED', message, details, { cause: error });
  return new MillraceError('SERVER_UNREACHABLE', message, details, { cause: error });
}

/** What mysql2 ends a login with that it cannot go through. */
const LOGIN_CODES = new Set(['AUTH_SWITCH_PLUGIN_ERROR', 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED']);

const PLUGINS = 'mysql_native_password, caching_sha2_password and sha256_password';

function loginWords(error: Error): string {
  const plugin = /unknown plugin ([\w]+)|(mysql_clear_password)/.exec(error.message);
  if (plugin === null) return error.message;
  return `the account logs in by the plug-in ${plugin[1] ?? plugin[2]}, which is not supported; supported are ${PLUGINS}`;
}

/** mysql2 puts the statement's kind before some messages of the server. */
function messageOf(error: Error): string {
  return 'sqlMessage' in error && typeof error.sqlMessage === 'string' ? error.sqlMessage : error.message;
}

function describe(error: Error, code: string): string {
  // An AggregateError (one address after the other was tried) has no message of its own.
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message === '' ? code : error.message;
}

/** OpenSSL's and Node's codes for a handshake that failed, and mysql2's for a server without TLS; it hides the code of the former. */
function isTlsFailure(error: Error, code: string): boolean {
  return (
    /^(HANDSHAKE_SSL_ERROR|HANDSHAKE_NO_SSL_SUPPORT|ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_)/.test(code) ||
    /certificate|handshake/i.test(error.message)
  );
}
