import { decode, invalid, oneOf, readAccount, readParameters, readPort, readSwitch, type ServerAddress, splitPort } from '../url-parts.ts';

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
/** libpq's `sslmode`. */
export type SslMode = (typeof SSL_MODES)[number];

const SESSION_KINDS = ['any', 'read-write', 'read-only', 'primary', 'standby'] as const;
/** libpq's `target_session_attrs`, without `prefer-standby`. */
export type SessionKind = (typeof SESSION_KINDS)[number];

/** What a connection URL says. Holds the password: never log it. */
export interface ConnectionSettings {
  /** Tried in turn. */
  readonly servers: readonly ServerAddress[];
  readonly sessionKind: SessionKind;
  readonly user: string;
  readonly database: string;
  /** Null: looked up in the password file. */
  readonly password: string | null;
  readonly passwordFile: string;
  /** File that holds the password and nothing else; it wins over all of these, and is read anew for each connection. */
  readonly secretFile: string | null;
  readonly ssl: SslSettings;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  /** Server options of the user's own (`-c work_mem=...`). */
  readonly options: string;
}

export interface SslSettings {
  readonly mode: SslMode;
  /** File of the authorities to trust; null: those of Node; `system` means the same. */
  readonly rootCertificate: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly keyPassword: string | null;
  /** TLS from the first byte, without PostgreSQL's request for it (PostgreSQL 17+). */
  readonly direct: boolean;
  readonly channelBinding: boolean;
}

export interface ParsedUrl {
  readonly settings: ConnectionSettings;
  readonly warnings: readonly string[];
}

/** The part of the environment that libpq reads too. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PARAMETERS = new Set(
  (
    'host port user password dbname passfile options application_name connect_timeout target_session_attrs ' +
    'ssl sslmode sslrootcert sslcert sslkey sslpassword sslnegotiation channel_binding'
  ).split(' '),
);
const USUAL_PORT = 5432;
const FORM = 'postgresql://user:password@host:5432/database?sslmode=verify-full';

/**
 * Reads a libpq connection URI. As in libpq, parameters win over what stands before the `?`, several hosts are separated by commas, a host
 * that begins with `/` is a Unix socket's directory, and `PGPASSWORD`, `PGPASSFILE`, `PGSSLMODE` and `PGSSLROOTCERT` fill what is missing.
 * Unlike libpq, user, host and database must be given, and TLS verifies everything unless `sslmode` says otherwise.
 *
 * @throws MillraceError `SOURCE_URL_INVALID`; no message holds the URL, which holds the password
 */
export function parseConnectionUrl(url: string, env: Environment): ParsedUrl {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(url);
  if (match === null) throw invalid(`it does not have the form ${FORM}`);
  const [, account, hosts = '', path = '', query = ''] = match;
  const given = readParameters(query, PARAMETERS);
  const { user, password } = readAccount(account, given);
  const database = given.get('dbname') ?? decode(path, 'database');
  if (user === '') throw invalid('it names no user');
  if (database === '') throw invalid('it names no database');
  const ssl = readSsl(given, env);
  return {
    settings: {
      servers: readServers(hosts, given),
      sessionKind: oneOf('target_session_attrs', given.get('target_session_attrs') ?? 'any', SESSION_KINDS),
      user,
      database,
      password: password ?? env['PGPASSWORD'] ?? null,
      passwordFile: given.get('passfile') ?? env['PGPASSFILE'] ?? `${env['HOME'] ?? ''}/.pgpass`,
      secretFile: null,
      ssl: ssl.settings,
      connectTimeoutMs: readSeconds('connect_timeout', given.get('connect_timeout') ?? '15') * 1000,
      applicationName: given.get('application_name') ?? 'millrace',
      options: given.get('options') ?? '',
    },
    warnings: ssl.warnings,
  };
}

function readServers(hosts: string, given: ReadonlyMap<string, string>): ServerAddress[] {
  const inline = hosts.split(',').map(splitPort);
  const names = given.get('host')?.split(',') ?? inline.map(({ host }) => host);
  const ports = given.get('port')?.split(',') ?? inline.map(({ port }) => port);
  if (ports.length > 1 && ports.length !== names.length) throw invalid(`it has ${names.length} hosts and ${ports.length} ports`);
  return names.map((host, index) => {
    if (host === '') throw invalid('it names no host');
    return { host, port: readPort(ports[ports.length === 1 ? 0 : index] ?? '', USUAL_PORT) };
  });
}

function readSeconds(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw invalid(`\`${name}=${text}\` is not a number of seconds`);
  return Number(text);
}

function readSsl(given: ReadonlyMap<string, string>, env: Environment): { settings: SslSettings; warnings: string[] } {
  const asked = given.get('sslmode') ?? env['PGSSLMODE'];
  const rootCertificate = given.get('sslrootcert') ?? env['PGSSLROOTCERT'] ?? null;
  const certificate = given.get('sslcert') ?? null;
  const key = given.get('sslkey') ?? null;
  if ((certificate === null) !== (key === null)) throw invalid('`sslcert` and `sslkey` go together');
  const direct = oneOf('sslnegotiation', given.get('sslnegotiation') ?? 'postgres', ['postgres', 'direct'] as const) === 'direct';
  const on = readSwitch(given.get('ssl')) ?? (rootCertificate !== null || certificate !== null || direct);
  const mode = asked === undefined ? (on ? 'verify-full' : 'disable') : oneOf('sslmode', asked, SSL_MODES);
  if (direct && !['require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw invalid(`\`sslnegotiation=direct\` needs \`sslmode=require\` or stronger, not \`${mode}\``);
  }
  const binding = oneOf('channel_binding', given.get('channel_binding') ?? 'prefer', ['prefer', 'disable'] as const);
  const keyPassword = given.get('sslpassword') ?? null;
  const settings = { mode, rootCertificate, certificate, key, keyPassword, direct, channelBinding: binding === 'prefer' };
  return { settings, warnings: asked === undefined ? [] : weaknessOf(mode) };
}

function weaknessOf(mode: SslMode): string[] {
  const weakness = {
    disable: null,
    allow: 'the connection may be unencrypted, and the server is not verified',
    prefer: 'the connection may be unencrypted, and the server is not verified',
    require: 'the connection is encrypted, but the server is verified only when `sslrootcert` is given, and its host name never',
    'verify-ca': 'the host name of the server is not verified',
    'verify-full': null,
  }[mode];
  return weakness === null ? [] : [`sslmode=${mode}: ${weakness}. Use sslmode=verify-full.`];
}
