import type { FastifyInstance } from 'fastify';
import { MillraceError } from '../../base/errors.ts';
import { errnoOf } from '../errno.ts';
import type { Supervisor } from '../supervisor.ts';
import { activityOf, healthOf } from './health.ts';
import { createMetrics } from './metrics.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly changefeed: string;
  readonly supervisor: Supervisor;
  readonly redact: (text: string) => string;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface HttpServer {
  /** `http://127.0.0.1:8300`: with the port that was taken when 0 was asked for. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/live` (the process answers), `/ready` (the stream moves; 503 with the reason when not) and `/metrics`.
 * Rejects with `HTTP_ADDRESS_UNAVAILABLE` when the address cannot be had: a service whose health nobody can ask for is not to start.
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { fastify } = await import('fastify');
  const server = fastify({ forceCloseConnections: true });
  addRoutes(server, options);
  try {
    return { url: await server.listen({ host: options.host, port: options.port }), close: () => server.close() };
  } catch (error) {
    await server.close();
    const address = `${options.host}:${options.port}`;
    throw new MillraceError(
      'HTTP_ADDRESS_UNAVAILABLE',
      `MILLRACE_HTTP_ADDRESS: ${address} cannot be listened on (${errnoOf(error)}); ` +
        'accepted: an address of this machine with a free port, port 0, or off',
      { address },
      { cause: error },
    );
  }
}

function addRoutes(server: FastifyInstance, options: HttpOptions): void {
  const { changefeed, supervisor, redact, now } = options;
  let scrape: (() => Promise<string>) | null = null;
  server.get('/live', () => ({ live: true }));
  server.get('/ready', (_request, reply) => {
    const { ready, reason } = healthOf(supervisor.status, supervisor.watch, now());
    reply.code(ready ? 200 : 503);
    const activity = ready ? activityOf(supervisor.watch) : null;
    return { ready, changefeed, state: supervisor.status.state, reason: reason === null ? null : redact(reason), activity };
  });
  server.get('/metrics', async (_request, reply) => {
    scrape ??= await createMetrics(supervisor, changefeed, now);
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return scrape();
  });
}
