import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { READ_AHEAD_BYTES, readTlsFile } from '../tls-parts.ts';
import type { ServerAddress } from '../url-parts.ts';
import type { SslSettings } from './url.ts';

/** Whether the address is a Unix socket, on which TLS is never used. */
export function isSocketPath(host: string): boolean {
  return host.startsWith('/');
}

/**
 * The options of a handshake; null without TLS.
 *
 * | mode | certificate | host name |
 * |---|---|---|
 * | DISABLED | | |
 * | REQUIRED | | |
 * | VERIFY_CA | verified | |
 * | VERIFY_IDENTITY | verified | verified |
 *
 * @throws MillraceError `TLS_FAILED` for a file that cannot be read
 */
export function tlsOptions(server: ServerAddress, ssl: SslSettings): ConnectionOptions | null {
  if (ssl.mode === 'DISABLED' || isSocketPath(server.host)) return null;
  const verifiesName = ssl.mode === 'VERIFY_IDENTITY';
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: ssl.mode !== 'REQUIRED',
    // Node would compare the certificate of an address with `localhost`: the name is given here, whatever it is.
    checkServerIdentity: (_, certificate) => (verifiesName ? checkServerIdentity(server.host, certificate) : undefined),
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    ...(ssl.authorities === null ? {} : { ca: readTlsFile(ssl.authorities, 'ssl-ca') }),
    ...(ssl.certificate === null ? {} : { cert: readTlsFile(ssl.certificate, 'ssl-cert') }),
    ...(ssl.key === null ? {} : { key: readTlsFile(ssl.key, 'ssl-key') }),
    ...(ssl.keyPassword === null ? {} : { passphrase: ssl.keyPassword }),
  };
}

/** Makes a TLS connection of a socket whose server expects the handshake. `onSecure` is called once, with what it failed for or nothing. */
export function upgrade(socket: Socket, options: ConnectionOptions, onSecure: (error?: Error) => void): TLSSocket {
  const sizes = { highWaterMark: READ_AHEAD_BYTES };
  let isSettled = false;
  const settle = (error?: Error): void => {
    if (isSettled) return;
    isSettled = true;
    onSecure(error);
  };
  const secured = connect({ ...sizes, ...options, socket }, () => settle());
  secured.on('error', settle);
  secured.on('close', () => settle(new Error('the server closed the connection during the TLS handshake')));
  return secured;
}
