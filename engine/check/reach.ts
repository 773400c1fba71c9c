import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';

/** A host and a port to be reached from here. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How long an address may take to accept a connection. */
const CONNECT_MS = 5_000;

/** The IP addresses of a host; the reason, as the resolver gives it, when it has none. */
export async function resolveHost(host: string): Promise<{ readonly addresses: readonly string[]; readonly reason: string }> {
  try {
    const found = await lookup(host, { all: true });
    return { addresses: found.map(({ address }) => address), reason: '' };
  } catch (error) {
    return { addresses: [], reason: error instanceof Error && 'code' in error ? String(error.code) : String(error) };
  }
}

/** Whether a connection can be made: null, or why not. Nothing is sent. */
export function connectFailure({ host, port }: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (reason: string | null) => {
      socket.destroy();
      resolve(reason);
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(`no answer within ${CONNECT_MS / 1000} s`));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

/** `host:port`, an IPv6 address in brackets. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether what goes to this host stays on this machine. */
export function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
