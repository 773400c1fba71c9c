import { readFileSync } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { CODES, type Code } from '../../base/codes.ts';
import { MillraceError } from '../../base/errors.ts';
import { gathered } from '../config/changefeeds.ts';
import type { HttpConfig } from '../config/config.ts';
import { httpOf } from '../config/http.ts';
import { invalid } from '../config/load.ts';
import { readChangefeeds } from '../config/read.ts';
import { errnoOf } from '../errno.ts';
import { WRITE_HEADER } from '../http/guard.ts';
import { createRedactor } from '../redact.ts';
import type { CommandContext } from './command.ts';

/** A service that does not answer within this time is taken to be gone. */
const ANSWER_MS = 10_000;
/** What a service that listens on every address is asked under. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Something other than to look. */
export interface Change {
  readonly method: 'POST' | 'DELETE';
  readonly body?: Readonly<Record<string, string | null>>;
}

export type ApiClient = (path: string, change?: Change) => Promise<unknown>;

/** The service that a command asks, by its options, and what hides its token. */
export interface AskedService {
  readonly ask: ApiClient;
  readonly redact: (text: string) => string;
  /** The changefeed that was named; null where none was. */
  readonly changefeed: string | null;
}

/**
 * Reads what a command line, the environment and a file say of the service.
 * @throws MillraceError CONFIG_INVALID, HTTP_TLS_INVALID
 */
export function askedService(argv: readonly string[], context: CommandContext): AskedService {
  const readings = readChangefeeds({ ...context, argv }, []);
  const problems = gathered(readings, (reading) => reading.problems);
  if (problems.length > 0) throw invalid(problems);
  const [{ values, sources }, ...others] = readings;
  const config = httpOf(values);
  if (config === null || config.port === 0) {
    throw invalid(['MILLRACE_HTTP_ADDRESS: accepted: the address of the service that is to be asked, with its port']);
  }
  const isNamed = others.length === 0 && sources.has('changefeed');
  return {
    ask: apiClient(config),
    redact: createRedactor(config.token === null ? [] : [config.token]),
    changefeed: isNamed ? values.changefeed : null,
  };
}

/**
 * Makes the function that asks a service by its own options: address, token, certificate. Its answer is parsed JSON.
 * @throws MillraceError HTTP_TLS_INVALID; the function throws API_UNREACHABLE, or the service's own error where it refused
 */
export function apiClient(config: HttpConfig): ApiClient {
  const host = EVERY_ADDRESS[config.host] ?? config.host;
  const headers = config.token === null ? {} : { authorization: `Bearer ${config.token}` };
  const options: RequestOptions = { host, port: config.port, headers, agent: false, timeout: ANSWER_MS, ...pinned(config) };
  const url = `${config.tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${config.port}`;
  return async (path, change) => {
    try {
      const asking = { ...options, path, ...askingFor(change, headers) };
      return parsed(await answerTo(config.tls === null ? requestHttp : requestHttps, asking, textOf(change)));
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw new MillraceError('API_UNREACHABLE', `${url}${path}: ${(error as Error).message}`, {}, { cause: error });
    }
  };
}

function askingFor(change: Change | undefined, headers: Readonly<Record<string, string>>): RequestOptions {
  if (change === undefined) return {};
  const content = change.body === undefined ? {} : { 'content-type': 'application/json' };
  return { method: change.method, headers: { ...headers, ...content, [WRITE_HEADER]: '1' } };
}

function textOf(change: Change | undefined): string | undefined {
  return change?.body === undefined ? undefined : JSON.stringify(change.body);
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

function answerTo(request: typeof requestHttp | typeof requestHttps, options: RequestOptions, sent?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    asked.on('error', reject).end(sent);
  });
}

function parsed({ status, body }: Answer): unknown {
  if (status === 200) return JSON.parse(body);
  const { error } = JSON.parse(body) as { readonly error?: { readonly code: string; readonly message: string } };
  if (error === undefined) throw new Error(`it answered ${status}`);
  throw isRefusal(error.code) ? new MillraceError(error.code, error.message) : new Error(`${error.code}: ${error.message}`);
}

/** A code that says the same here as there; a newer service may have others. */
function isRefusal(code: string): code is Code {
  return code in CODES && CODES[code as Code].action === 'refuse';
}
