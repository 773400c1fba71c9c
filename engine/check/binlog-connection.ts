import { MillraceError } from '../base/errors.ts';
import { RESTART, sql, words, type Remedy } from '../base/remedy.ts';
import type { SourceConfig } from '../control/config/config.ts';
import { nameOf, openSession, type Session } from '../source/mysql/connection.ts';
import { isSocketPath } from '../source/mysql/tls.ts';
import type { ServerAddress } from '../source/url-parts.ts';
import { parseConnectionUrl, type ConnectionSettings } from '../source/mysql/url.ts';
import { tellEncryption } from './encryption-step.ts';
import { tellResolved } from './resolve-step.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

type SourceSteps = Steps<SourceStep>;

/**
 * Resolves, connects, encrypts and logs in, a step each; the caller closes the session.
 * @returns null when one of them failed
 * @throws MillraceError `SOURCE_URL_INVALID`
 */
export async function connectBinlogSource(
  { url, passwordFile }: Pick<SourceConfig, 'url' | 'passwordFile'>,
  steps: SourceSteps,
): Promise<Session | null> {
  const { settings: given, warnings } = parseConnectionUrl(url);
  const settings = { ...given, secretFile: passwordFile };
  if (!(await tellResolved(settings.servers, socketFile, steps))) return null;
  const mode = `ssl-mode=${settings.ssl.mode}`;
  try {
    const session = await openSession(settings);
    steps.pass('connect', nameOf(session.server));
    tellEncryption({ version: session.tlsVersion, host: session.server.host, mode, warnings, verified: VERIFIED }, steps);
    steps.pass('login', `user ${settings.user}`);
    return session;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    tellRefusal(error, settings, mode, steps);
    return null;
  }
}

const VERIFIED = words('set ssl-mode=VERIFY_IDENTITY in MILLRACE_SOURCE_URL, with ssl-ca=/path/ca.pem where the authority is your own');

function socketFile({ host }: ServerAddress): string | null {
  return isSocketPath(host) ? host : null;
}

/** Which step a refusal belongs to; those before it passed. */
function tellRefusal(error: MillraceError, settings: ConnectionSettings, mode: string, steps: SourceSteps): void {
  if (error.code === 'SERVER_UNREACHABLE') return steps.fail('connect', error.code, error.message, connectRemedies());
  steps.pass('connect', settings.servers.map(nameOf).join(', '));
  if (error.code === 'TLS_FAILED') return steps.fail('tls', error.code, error.message, tlsRemedies(error));
  steps.pass('tls', mode);
  steps.fail('login', error.code, error.message, loginRemedies(error, settings));
}

function connectRemedies(): Remedy[] {
  return [
    words('start the server, correct host and port in MILLRACE_SOURCE_URL, or open the firewall; a server that listens on localhost only:'),
    words("set bind_address = 0.0.0.0 in the server's configuration"),
    RESTART,
  ];
}

function tlsRemedies({ message }: MillraceError): Remedy[] {
  if (/does not support secure connection|NO_SSL_SUPPORT/.test(message)) {
    return [words("give the server a certificate (ssl_cert, ssl_key in the server's configuration), then:"), RESTART];
  }
  return [words('give the authority that signed the certificate (ssl-ca=/path/ca.pem), and the host name that it is for')];
}

const HOST_BLOCKED = 1129;
const HOST_NOT_PRIVILEGED = 1130;
const SECURE_TRANSPORT_REQUIRED = 3159;

/** By the server's own number. */
function loginRemedies({ code, details, message }: MillraceError, { user }: ConnectionSettings): Remedy[] {
  if (code === 'CONNECTIONS_EXHAUSTED') return [words('end sessions that SHOW PROCESSLIST lists, or raise max_connections')];
  const errno = details['errno'];
  if (errno === HOST_BLOCKED) return [sql('FLUSH HOSTS;')];
  if (errno === SECURE_TRANSPORT_REQUIRED) return [words('add ?ssl=true to MILLRACE_SOURCE_URL')];
  const account = accountIn(message) ?? `'${user.replaceAll("'", "''")}'@'%'`;
  if (errno === HOST_NOT_PRIVILEGED)
    return [words('no account may come from this machine:'), sql(`CREATE USER ${account} IDENTIFIED BY '...';`)];
  return [
    words('give the right user and password (MILLRACE_SOURCE_PASSWORD), or have an administrator make the account or set its password:'),
    sql(`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '...';`),
    sql(`ALTER USER ${account} IDENTIFIED BY '...';`),
  ];
}

/** As the server names who was refused: it is by that host that it looks for an account. */
function accountIn(message: string): string | null {
  return /'[^']*'@'[^']*'/.exec(message)?.[0] ?? null;
}
