import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { MillraceError } from '../../base/errors.ts';
import type { HttpConfig } from '../config/config.ts';

export interface Pem {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Certificate and key to serve HTTPS with; null for plain HTTP.
 * @throws MillraceError HTTP_TLS_INVALID
 */
export function readPem({ tls }: HttpConfig): Pem | null {
  if (tls === null) return null;
  try {
    const pem = { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) };
    createSecureContext(pem);
    return pem;
  } catch (error) {
    const message =
      `MILLRACE_HTTP_CERTIFICATE_LOCATION ${tls.certificate} and MILLRACE_HTTP_KEY_LOCATION ${tls.key} cannot be used: ` +
      `${(error as Error).message}; accepted: PEM files of a certificate and of its key, not encrypted`;
    throw new MillraceError('HTTP_TLS_INVALID', message, {}, { cause: error });
  }
}
