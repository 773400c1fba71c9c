import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { readTlsFile } from '../tls-parts.ts';
import type { ServerAddress } from '../url-parts.ts';
import type { SslSettings } from './url.ts';

/** One way to try a connection: without TLS (null), or with these options. */
export type TlsAttempt = ConnectionOptions | null;

/** Whether the address is a Unix socket, on which TLS is never used. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/');
}

/**
 * The ways to connect that `sslmode` allows, in libpq's order.
 *
 * | mode | tried | certificate | host name |
 * |---|---|---|---|
 * | disable | plain | | |
 * | allow | plain, then TLS | | |
 * | prefer | TLS, then plain | | |
 * | require | TLS | only with a root certificate | |
 * | verify-ca | TLS | verified | |
 * | verify-full | TLS | verified | verified |
 *
 * @throws MillraceError `TLS_FAILED` for a file that cannot be read
 */
export function tlsAttempts(server: ServerAddress, ssl: SslSettings): readonly TlsAttempt[] {
  if (isSocketDirectory(server.host) || ssl.mode === 'disable') return [null];
  switch (ssl.mode) {
    case 'allow':
      return [null, unverified(ssl)];
    case 'prefer':
      return [unverified(ssl), null];
    case 'require':
      return [rootFile(ssl) === null ? unverified(ssl) : chainOnly(ssl)];
    case 'verify-ca':
      return [chainOnly(ssl)];
    case 'verify-full':
      return [verified(ssl)];
  }
}

function verified(ssl: SslSettings): ConnectionOptions {
  const root = rootFile(ssl);
  return {
    minVersion: 'TLSv1.2',
    ...(root === null ? {} : { ca: readTlsFile(root, 'sslrootcert') }),
    ...(ssl.certificate === null ? {} : { cert: readTlsFile(ssl.certificate, 'sslcert') }),
    ...(ssl.key === null ? {} : { key: readTlsFile(ssl.key, 'sslkey') }),
    ...(ssl.keyPassword === null ? {} : { passphrase: ssl.keyPassword }),
  };
}

function chainOnly(ssl: SslSettings): ConnectionOptions {
  return { ...verified(ssl), checkServerIdentity: () => undefined };
}

function unverified(ssl: SslSettings): ConnectionOptions {
  return { ...verified({ ...ssl, rootCertificate: 'system' }), rejectUnauthorized: false };
}

/** The file of trusted authorities; null when Node's own are to be used. */
function rootFile(ssl: SslSettings): string | null {
  if (ssl.rootCertificate === 'system') return null;
  if (ssl.rootCertificate !== null) return ssl.rootCertificate;
  const standard = join(homedir(), '.postgresql', 'root.crt');
  return existsSync(standard) ? standard : null;
}
