import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { MillraceError } from '../../base/errors.ts';
import type { HttpConfig } from '../config/config.ts';
import { isLoopback } from '../config/http.ts';

/** The header of requests that change something: a foreign web page cannot make a browser send it. */
export const WRITE_HEADER = 'x-millrace';

/** What the guard looks at of a request. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What is asked for is for everybody: probes, and what holds no data. */
  readonly isOpen: boolean;
}

/**
 * Makes the function that lets a request through or throws why not.
 * @param machine the name of this machine
 * @throws MillraceError API_HOST_REFUSED, API_TOKEN_REFUSED, API_READ_ONLY, API_HEADER_MISSING
 */
export function createGuard(config: HttpConfig, machine: string): (asked: Asked) => void {
  const names = new Set(['localhost', machine.toLowerCase(), config.host.toLowerCase(), ...config.hosts]);
  return ({ method, headers, isOpen }) => {
    if (headers['host'] !== undefined) checkHost(textOf(headers['host']), names);
    if (config.token !== null && !isOpen) checkToken(textOf(headers['authorization']), config.token);
    if (method === 'GET' || method === 'HEAD') return;
    if (config.token === null && !isLoopback(config.host)) {
      throw new MillraceError('API_READ_ONLY', `the service listens on ${config.host} without MILLRACE_HTTP_TOKEN: it can be read only`);
    }
    if (headers[WRITE_HEADER] === undefined) {
      throw new MillraceError('API_HEADER_MISSING', `${method} needs the header X-Millrace; accepted: X-Millrace: 1`);
    }
  };
}

/** An address cannot be a name that somebody else lets point at us, and what a browser sends always has a host. */
function checkHost(host: string, names: ReadonlySet<string>): void {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || names.has(name)) return;
  const message = `given the host ${JSON.stringify(name)}, accepted: an address, ${[...names].join(', ')} (MILLRACE_HTTP_HOSTS)`;
  throw new MillraceError('API_HOST_REFUSED', message);
}

/** Digests of equal length: how long the comparison takes tells nothing of the token. */
function checkToken(authorization: string, token: string): void {
  const given = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return;
  const what = given === undefined ? 'no token was given' : 'another token was given';
  throw new MillraceError('API_TOKEN_REFUSED', `${what}; accepted: Authorization: Bearer and the value of MILLRACE_HTTP_TOKEN`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
