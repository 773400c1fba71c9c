import { MillraceError } from '../../base/errors.ts';

/** MySQL's `--ssl-mode`, without PREFERRED, which lets whoever is in between turn TLS off. */
export const SSL_MODES = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** Which server a URL promises; what answers is asked for its version. */
export type Flavor = 'mariadb' | 'mysql';

/** One server of the URL: a host name or address with its port, or the absolute path of a Unix socket. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

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
  const given = readParameters(query);
  const colon = account?.indexOf(':') ?? -1;
  const user = given.get('user') ?? decode(colon < 0 ? (account ?? '') : account!.slice(0, colon), 'user');
  const password = given.get('password') ?? (colon < 0 ? null : decode(account!.slice(colon + 1), 'password'));
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

function readParameters(query: string): Map<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const written = decode(equals < 0 ? pair : pair.slice(0, equals), 'a parameter');
    const name = written.replaceAll('_', '-').toLowerCase();
    if (/^compress|^compression/.test(name)) throw invalid('the compressed protocol (`compress`) is not supported; leave it out');
    if (!PARAMETERS.has(name)) throw invalid(`the parameter \`${written}\` is not known; accepted are ${[...PARAMETERS].join(', ')}`);
    if (given.has(name)) throw invalid(`the parameter \`${written}\` stands there twice`);
    given.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1), name));
  }
  return given;
}

function readServers(hosts: string, given: ReadonlyMap<string, string>): ServerAddress[] {
  const socket = given.get('socket');
  if (socket !== undefined) {
    if (!socket.startsWith('/')) throw invalid('`socket` is not an absolute path');
    return [{ host: socket, port: 0 }];
  }
  return hosts.split(',').map((text) => {
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text);
    if (match === null) throw invalid(`the host \`${text}\` cannot be read; an IPv6 address stands in brackets`);
    const host = match[1] ?? decode(match[2]!, 'host');
    if (host === '') throw invalid('it names no host');
    return { host, port: host.startsWith('/') ? 0 : readPort(match[3] ?? '') };
  });
}

function readPort(text: string): number {
  if (text === '') return 3306;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid(`the port \`${text}\` is not a number from 1 to 65535`);
  return port;
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

function readSwitch(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  if (text !== 'true' && text !== 'false') throw invalid(`\`ssl=${text}\` is not accepted; accepted are true, false`);
  return text === 'true';
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

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`${what} holds a % that does not begin an escape such as %40; a % itself is written %25`);
  }
}

function invalid(why: string): MillraceError {
  return new MillraceError('SOURCE_URL_INVALID', `The source URL cannot be used: ${why}.`);
}
