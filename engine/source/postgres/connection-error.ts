import { MillraceError, type ErrorDetails } from '../../base/errors.ts';
import { fromServerError, type ServerErrorFields } from './server-error.ts';

/** What `pg`, Node's sockets and its TLS throw, as one of our errors. `doing` begins the message: "cannot connect to db:5432". */
export function fromConnectionError(thrown: unknown, doing: string, details: ErrorDetails = {}): MillraceError {
  if (thrown instanceof MillraceError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const fields = serverFields(error);
  if (fields !== null) return fromServerError(fields, doing);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = `${doing}: ${describe(error, code)}`;
  if (error.message.startsWith('SASL')) return new MillraceError('LOGIN_REFUSED', message, details, { cause: error });
  if (isTlsFailure(error, code)) return new MillraceError('TLS_FAILED', message, details, { cause: error });
  return new MillraceError('SERVER_UNREACHABLE', message, details, { cause: error });
}

function describe(error: Error, code: string): string {
  // An AggregateError (one address after the other was tried) has no message of its own.
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message === '' ? code : error.message;
}

/** OpenSSL's and Node's codes for a handshake that failed, and the server's refusal of TLS as `pg` words it. */
function isTlsFailure(error: Error, code: string): boolean {
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/.test(code))
    return true;
  return /server does not support SSL|establishing an SSL connection/.test(error.message);
}

/** The server's own error, as `pg` hands it over: with a SQLSTATE and a severity. */
function serverFields(error: Error): ServerErrorFields | null {
  if (!('severity' in error) || !('code' in error) || typeof error.code !== 'string') return null;
  const text = (name: 'detail' | 'hint' | 'routine' | 'where') => {
    const value = (error as Partial<Record<typeof name, unknown>>)[name];
    return typeof value === 'string' ? value : null;
  };
  const { code, message } = error;
  return { code, message, detail: text('detail'), hint: text('hint'), routine: text('routine'), context: text('where') };
}
