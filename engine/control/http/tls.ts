import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { MillraceError } from '../../base/errors.ts';
import type { HttpConfig } from '../config/config.ts';

export interface Pem {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** How often the files of certificate and key are looked at. */
const WATCH_MS = 5_000;

/**
 * Calls `renew` with certificate and key when one of their files was replaced by one that goes with the other, and `refuse` while they do
 * not go together, as they do not while they are replaced one after the other. Returns what ends it.
 */
export function watchPem(
  config: HttpConfig,
  renew: (pem: Pem) => void,
  refuse: (error: MillraceError) => void,
  everyMs = WATCH_MS,
): () => void {
  if (config.tls === null) return () => {};
  const { certificate, key } = config.tls;
  const look = (): void => {
    try {
      const pem = readPem(config);
      if (pem !== null) renew(pem);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      refuse(error);
    }
  };
  for (const file of [certificate, key]) watchFile(file, { interval: everyMs, persistent: false }, look);
  return () => [certificate, key].forEach((file) => unwatchFile(file, look));
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
