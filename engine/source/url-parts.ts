import { MillraceError } from '../base/errors.ts';

/** One server of a connection URL: a host name or address with its port, or the absolute path of a Unix socket, or of its directory. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * User and password: what stands before the `@`, unless parameters of their names win over it.
 * @throws MillraceError `SOURCE_URL_INVALID`
 */
export function readAccount(text: string | undefined, given: ReadonlyMap<string, string>): { user: string; password: string | null } {
  const account = text ?? '';
  const colon = account.indexOf(':');
  const [user, password] = colon < 0 ? [account, null] : [account.slice(0, colon), account.slice(colon + 1)];
  return {
    user: given.get('user') ?? decode(user, 'user'),
    password: given.get('password') ?? (password === null ? null : decode(password, 'password')),
  };
}

/**
 * What stands behind the `?`, by name.
 * @param nameOf the name among `known` that is meant by one that is written
 * @throws MillraceError `SOURCE_URL_INVALID`
 */
export function readParameters(query: string, known: ReadonlySet<string>, nameOf = (written: string) => written): Map<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const written = decode(equals < 0 ? pair : pair.slice(0, equals), 'a parameter');
    const name = nameOf(written);
    if (!known.has(name)) throw invalid(`the parameter \`${written}\` is not known; accepted are ${[...known].join(', ')}`);
    if (given.has(name)) throw invalid(`the parameter \`${written}\` stands there twice`);
    given.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1), name));
  }
  return given;
}

/** A host, decoded, and the text of its port, which may be empty. @throws MillraceError `SOURCE_URL_INVALID` */
export function splitPort(text: string): { host: string; port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text);
  if (match === null) throw invalid(`the host \`${text}\` cannot be read; an IPv6 address stands in brackets`);
  return { host: match[1] ?? decode(match[2]!, 'host'), port: match[3] ?? '' };
}

/** @throws MillraceError `SOURCE_URL_INVALID` */
export function readPort(text: string, usual: number): number {
  if (text === '') return usual;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid(`the port \`${text}\` is not a number from 1 to 65535`);
  return port;
}

/** The value `true` or `false` of `ssl`; null where it is not given. @throws MillraceError `SOURCE_URL_INVALID` */
export function readSwitch(text: string | undefined): boolean | null {
  if (text === undefined) return null;
  return oneOf('ssl', text, ['true', 'false'] as const) === 'true';
}

/** @throws MillraceError `SOURCE_URL_INVALID` */
export function oneOf<T extends string>(name: string, text: string, accepted: readonly T[]): T {
  const found = accepted.find((value) => value === text);
  if (found === undefined) throw invalid(`\`${name}=${text}\` is not accepted; accepted are ${accepted.join(', ')}`);
  return found;
}

/** @throws MillraceError `SOURCE_URL_INVALID` */
export function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`${what} holds a % that does not begin an escape such as %40; a % itself is written %25`);
  }
}

/** No message holds the URL, which holds the password. */
export function invalid(why: string): MillraceError {
  return new MillraceError('SOURCE_URL_INVALID', `The source URL cannot be used: ${why}.`);
}
