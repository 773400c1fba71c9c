import { decode, invalid, readAccount, readParameters, readPort, readSwitch, type ServerAddress, splitPort } from '../url-parts.ts';

/** MySQL's `--ssl-mode`, without PREFERRED, which lets whoever is in between turn TLS off. */
export const SSL_MODES = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Which server a URL promises; what answers is asked for its version. */
export type Flavor = 'mariadb' | 'mysql';

/** What a connection URL says. Holds the password: never log it. */
export interface ConnectionSettings {
  readonly flavor: Flavor;
  /** Tried in turn. */
  readonly servers: readonly ServerAddress[];
  readonly user: string;
  /** For names of tables without one; null when the URL names none. */
  readonly database: string | null;
  readonly password: string | null;
  /** File that holds the password and nothing else; it wins over `password`, and is read anew for each connection. */
  readonly secretFile: string | null;
  readonly ssl: SslSettings;
  /** To connect and log in, and how long the stream may be silent. */
  readonly timeoutMs: number;
}

export interface SslSettings {
  readonly mode: SslMode;
  /** File of the authorities to trust; null: those of Node. */
  readonly authorities: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly keyPassword: string | null;
}

export interface ParsedUrl {
  readonly settings: ConnectionSettings;
  readonly warnings: readonly string[];
}

/** Parameters as MySQL's and MariaDB's own clients call them, `-` and `_` alike. */
const PARAMETERS = new Set('user password database socket timeout ssl ssl-mode ssl-ca ssl-cert ssl-key ssl-key-password'.split(' '));
const FORM = 'mariadb://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY';
const TIMEOUT_SECONDS = '10';
const USUAL_PORT = 3306;

/**
 * Reads a connection URL: `mariadb://` or `mysql://`, several hosts separated by commas, a host that begins with `/` (escaped) or the
 * parameter `socket` for a Unix socket. Parameters win over what stands before the `?`. The user must be given; TLS, once on, verifies
 * everything unless `ssl-mode` says otherwise.
 *
 * @throws MillraceError `SOURCE_URL_INVALID`; no message holds the URL, which holds the password
 */
export function parseConnectionUrl(url: string): ParsedUrl {
  const match = /^(mysql|mariadb):\/\/(?:([^@/?]*)@)?([^@/?]*)(?:\/([^?]*))?(?:\?(.*))?$/is.exec(url);
  if (match === null) throw invalid(`it does not have the form ${FORM}`);
  const [, scheme, account, hosts = '', path = '', query = ''] = match;
  const given = readParameters(query, PARAMETERS, parameterName);
  const { user, password } = readAccount(account, given);
  const database = given.get('database') ?? decode(path, 'database');
  if (user === '') throw invalid('it names no user');
  const ssl = readSsl(given);
  return {
    settings: {
      flavor: scheme!.toLowerCase() as Flavor,
      servers: readServers(hosts, given),
      user,
      database: database === '' ? null : database,
      password,
      secretFile: null,
      ssl,
      timeoutMs: readSeconds('timeout', given.get('timeout') ?? TIMEOUT_SECONDS) * 1000,
    },
    warnings: given.has('ssl-mode') ? weaknessOf(ssl.mode) : [],
  };
}

function parameterName(written: string): string {
  const name = written.replaceAll('_', '-').toLowerCase();
  if (/^compress|^compression/.test(name)) throw invalid('the compressed protocol (`compress`) is not supported; leave it out');
  return name;
}

function readServers(hosts: string, given: ReadonlyMap<string, string>): ServerAddress[] {
  const socket = given.get('socket');
  if (socket !== undefined) {
    if (!socket.startsWith('/')) throw invalid('`socket` is not an absolute path');
    return [{ host: socket, port: 0 }];
  }
  return hosts.split(',').map((text) => {
    const { host, port } = splitPort(text);
    if (host === '') throw invalid('it names no host');
    return { host, port: host.startsWith('/') ? 0 : readPort(port, USUAL_PORT) };
  });
}

function readSeconds(name: string, text: string): number {
  const seconds = /^(\d{1,5})s?$/.exec(text)?.[1];
  if (seconds === undefined || Number(seconds) === 0) throw invalid(`\`${name}=${text}\` is not a number of seconds, such as 10 or 10s`);
  return Number(seconds);
}

function readSsl(given: ReadonlyMap<string, string>): SslSettings {
  const authorities = given.get('ssl-ca') ?? null;
  const certificate = given.get('ssl-cert') ?? null;
  const key = given.get('ssl-key') ?? null;
  if ((certificate === null) !== (key === null)) throw invalid('`ssl-cert` and `ssl-key` go together');
  const on = readSwitch(given.get('ssl')) ?? (authorities !== null || certificate !== null);
  const mode = readMode(given.get('ssl-mode')) ?? (on ? 'VERIFY_IDENTITY' : 'DISABLED');
  return { mode, authorities, certificate, key, keyPassword: given.get('ssl-key-password') ?? null };
}

function readMode(text: string | undefined): SslMode | null {
  if (text === undefined) return null;
  const found = SSL_MODES.find((mode) => mode === text.toUpperCase().replaceAll('-', '_'));
  if (found === undefined) throw invalid(`\`ssl-mode=${text}\` is not accepted; accepted are ${SSL_MODES.join(', ')}`);
  return found;
}

function weaknessOf(mode: SslMode): string[] {
  const weakness = {
    DISABLED: null,
    REQUIRED: 'the connection is encrypted, but the server is not verified',
    VERIFY_CA: 'the host name of the server is not verified',
    VERIFY_IDENTITY: null,
  }[mode];
  return weakness === null ? [] : [`ssl-mode=${mode}: ${weakness}. Use ssl-mode=VERIFY_IDENTITY.`];
}
