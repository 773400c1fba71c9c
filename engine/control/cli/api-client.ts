import { readFileSync } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { MillraceError } from '../../base/errors.ts';
import type { HttpConfig } from '../config/config.ts';
import { errnoOf } from '../errno.ts';

/** A service that does not answer within this time is taken to be gone. */
const ANSWER_MS = 10_000;
/** What a service that listens on every address is asked under. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Makes the function that asks a service by its own options: address, token, certificate. Its answer is parsed JSON.
 * @throws MillraceError HTTP_TLS_INVALID; the function throws API_UNREACHABLE, with the service's own code where it refused
 */
export function apiClient(config: HttpConfig): (path: string) => Promise<unknown> {
  const host = EVERY_ADDRESS[config.host] ?? config.host;
  const headers = config.token === null ? {} : { authorization: `Bearer ${config.token}` };
  const options: RequestOptions = { host, port: config.port, headers, agent: false, timeout: ANSWER_MS, ...pinned(config) };
  const url = `${config.tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
  return async (path) => {
    try {
      return parsed(await answerTo(config.tls === null ? requestHttp : requestHttps, { ...options, path }));
    } catch (error) {
      throw new MillraceError('API_UNREACHABLE', `${url}${path}: ${(error as Error).message}`, {}, { cause: error });
    }
  };
}

/** The very certificate that the service has is trusted, under whatever name or address it is asked, and no other. */
function pinned({ tls }: HttpConfig): RequestOptions {
  if (tls === null) return {};
  const leaf = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(read(tls.certificate))?.[0] ?? '';
  return { ca: leaf, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

function read(certificate: string): string {
  try {
    return readFileSync(certificate, 'utf8');
  } catch (error) {
    const message = `MILLRACE_HTTP_CERTIFICATE_LOCATION: ${certificate} cannot be read (${errnoOf(error)}); accepted: the file that the service has`;
    throw new MillraceError('HTTP_TLS_INVALID', message, {}, { cause: error });
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function answerTo(request: typeof requestHttp | typeof requestHttps, options: RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    asked.on('error', reject).end();
  });
}

function parsed({ status, body }: Answer): unknown {
  if (status === 200) return JSON.parse(body);
  const { error } = JSON.parse(body) as { readonly error?: { readonly code: string; readonly message: string } };
  throw new Error(error === undefined ? `it answered ${status}` : `${error.code}: ${error.message}`);
}
