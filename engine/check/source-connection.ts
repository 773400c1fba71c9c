import { escapeIdentifier } from 'pg';
import { MillraceError } from '../base/errors.ts';
import { RESTART, shell, sql, words, type Remedy } from '../base/remedy.ts';
import type { SourceConfig } from '../control/config/config.ts';
import { nameOf, openSession, type Session } from '../source/postgres/connection.ts';
import { isSocketDirectory } from '../source/postgres/tls.ts';
import type { ServerAddress } from '../source/url-parts.ts';
import { parseConnectionUrl, type ConnectionSettings, type Environment } from '../source/postgres/url.ts';
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
export async function connectSource(
  { url, passwordFile }: Pick<SourceConfig, 'url' | 'passwordFile'>,
  environment: Environment,
  steps: SourceSteps,
): Promise<Session | null> {
  const { settings: given, warnings } = parseConnectionUrl(url, environment);
  const settings = { ...given, secretFile: passwordFile };
  if (!(await tellResolved(settings.servers, socketFile, steps))) return null;
  const told: string[] = [];
  try {
    const session = await openSession({ settings, kind: 'query', warn: (message) => told.push(message) });
    steps.pass('connect', nameOf(session.server));
    const encryption = { version: session.tlsVersion, host: session.server.host, mode: `sslmode=${settings.ssl.mode}`, warnings };
    tellEncryption({ ...encryption, verified: VERIFIED }, steps);
    steps.pass('login', `role ${settings.user}, database ${settings.database}`);
    return session;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    tellRefusal(error, told, settings, steps);
    return null;
  }
}

const VERIFIED = words('set sslmode=verify-full in MILLRACE_SOURCE_URL, with sslrootcert=/path/ca.pem where the authority is your own');

function socketFile({ host, port }: ServerAddress): string | null {
  return isSocketDirectory(host) ? `${host}/.s.PGSQL.${port}` : null;
}

/** Which step a refusal belongs to; those before it passed. */
function tellRefusal(error: MillraceError, told: readonly string[], settings: ConnectionSettings, steps: SourceSteps): void {
  const server = settings.servers.map(nameOf).join(', ');
  if (error.code === 'SERVER_UNREACHABLE') return steps.fail('connect', error.code, error.message, connectRemedies(error));
  steps.pass('connect', server);
  if (error.code === 'TLS_FAILED') return steps.fail('tls', error.code, error.message, tlsRemedies(error));
  steps.pass('tls', `sslmode=${settings.ssl.mode}`);
  if (error.code === 'SERVER_STANDBY') {
    const remedies = [words('name a server of the kind that target_session_attrs asks for, or another kind')];
    steps.pass('login', `role ${settings.user}, database ${settings.database}`);
    return steps.fail('primary', error.code, error.message, remedies);
  }
  // All that is told of before a login is a password file that is not used.
  if (told.length === 0) return steps.fail('login', error.code, error.message, loginRemedies(error, settings));
  steps.fail('login', error.code, [error.message, ...told].join('. '), [shell(`chmod 0600 ${settings.passwordFile}`)]);
}

function connectRemedies({ details }: MillraceError): Remedy[] {
  if (details['sqlstate'] !== undefined) return [words('wait until the server has started')];
  return [
    words('start the server, correct host and port in MILLRACE_SOURCE_URL, or open the firewall; a server that listens on localhost only:'),
    sql("ALTER SYSTEM SET listen_addresses = '*';"),
    RESTART,
  ];
}

function tlsRemedies({ message }: MillraceError): Remedy[] {
  if (/does not support SSL/.test(message)) {
    return [
      words('give the server a certificate (ssl_cert_file, ssl_key_file), then:'),
      sql('ALTER SYSTEM SET ssl = on;'),
      sql('SELECT pg_reload_conf();'),
    ];
  }
  return [words('give the authority that signed the certificate (sslrootcert=/path/ca.pem), and the host name that it is for')];
}

/** By the server's own code: the roles and databases of the message are those that were given. */
function loginRemedies({ code, details, message }: MillraceError, { user, database, servers }: ConnectionSettings): Remedy[] {
  const role = escapeIdentifier(user);
  if (code === 'CONNECTIONS_EXHAUSTED') {
    if (details['routine'] === 'InitializeSessionUserId') return [sql(`ALTER ROLE ${role} CONNECTION LIMIT -1;`)];
    if (details['routine'] === 'CheckMyDatabase') return [sql(`ALTER DATABASE ${escapeIdentifier(database)} CONNECTION LIMIT -1;`)];
    return [words('end sessions that pg_stat_activity lists, or raise max_connections and restart the server')];
  }
  if (details['sqlstate'] === '3D000') return [words(`name a database that is there, or create this one: CREATE DATABASE ${database}`)];
  if (details['routine'] === 'ClientAuthentication') {
    const host = servers.every((server) => isSocketDirectory(server.host)) ? 'local' : 'host';
    const from = host === 'local' ? '' : ' <address of this machine>/32';
    return [words(`add to pg_hba.conf: ${host} ${database} ${user}${from} scram-sha-256`), sql('SELECT pg_reload_conf();')];
  }
  if (details['routine'] === 'InitializeSessionUserId' && !/does not exist/.test(message)) return [sql(`ALTER ROLE ${role} LOGIN;`)];
  return [
    words('give the right role and password (MILLRACE_SOURCE_PASSWORD), or have a superuser set them:'),
    sql(`ALTER ROLE ${role} LOGIN PASSWORD '...';`),
  ];
}
