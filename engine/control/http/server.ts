import type { Server as HttpsServer } from 'node:https';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { MillraceError } from '../../base/errors.ts';
import type { HttpConfig } from '../config/config.ts';
import { errnoOf } from '../errno.ts';
import { addApi } from './api.ts';
import { answerErrors } from './errors.ts';
import { createGuard } from './guard.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addOpenApi } from './openapi.ts';
import { PAGE_FILES, addPage } from './page.ts';
import type { Service } from '../service.ts';
import { readPem, watchPem } from './tls.ts';
import { warmUp } from './warm-up.ts';

export interface HttpServer {
  /** `http://127.0.0.1:8300`: with the port that was taken when 0 was asked for. */
  readonly url: string;
  close(): Promise<void>;
}

/** Paths that need no token: what probes ask for, and what is the same for everybody. */
const OPEN = new Set(['/live', '/ready', '/openapi.json', ...Object.keys(PAGE_FILES)]);
/** No request has more to say. */
const BODY_BYTES_MAX = 16_384;
const REQUEST_MS_MAX = 10_000;

/**
 * Serves everything that is asked over HTTP.
 * Rejects with `HTTP_ADDRESS_UNAVAILABLE` when the address cannot be had: a service whose health nobody can ask for is not to start.
 * @throws MillraceError HTTP_ADDRESS_UNAVAILABLE, HTTP_TLS_INVALID
 */
export async function startHttp(config: HttpConfig, service: Service): Promise<HttpServer> {
  const server = await createServer(config, service);
  try {
    const url = await server.listen({ host: config.host, port: config.port });
    warmUp(server, config);
    return { url, close: () => server.close() };
  } catch (error) {
    await server.close();
    const address = `${config.host}:${config.port}`;
    throw new MillraceError(
      'HTTP_ADDRESS_UNAVAILABLE',
      `MILLRACE_HTTP_ADDRESS: ${address} cannot be listened on (${errnoOf(error)}); ` +
        'accepted: an address of this machine with a free port, port 0, or off',
      { address },
      { cause: error },
    );
  }
}

async function createServer(config: HttpConfig, service: Service): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const server = fastify({
    forceCloseConnections: true,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    https: readPem(config),
  }) as unknown as FastifyInstance;
  const { log } = service;
  const unwatch = watchPem(
    config,
    (pem) => {
      (server.server as unknown as HttpsServer).setSecureContext(pem);
      log.info('serving HTTPS with a new certificate from now on');
    },
    (error) => log.warn(`a new certificate is not used: ${error.message}`, { code: error.code }),
  );
  server.addHook('onClose', async () => unwatch());
  const guard = createGuard(config, hostname());
  server.addHook('onRequest', async ({ method, headers, routeOptions }) =>
    guard({ method, headers, isOpen: OPEN.has(routeOptions.url ?? '') }),
  );
  answerErrors(server, service);
  await addOpenApi(server);
  addHealthRoutes(server, service);
  addApi(server, service);
  addPage(server);
  return server;
}
