import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '../config/config.ts';

/** Late enough for the changefeeds to have the processors until they stream. */
const AFTER_MS = 2_000;

/**
 * Asks for the metrics once, a moment after the start. Whoever asks first has everything on the way of an answer loaded and compiled, which
 * takes some ten times as long as the answer itself: 50 to 80 ms on a busy machine. That is not to be a scrape.
 */
export function warmUp(server: FastifyInstance, { token }: Pick<HttpConfig, 'token'>): void {
  const headers = { host: 'localhost', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const timer = setTimeout(() => void server.inject({ url: '/metrics', headers }).catch(() => undefined), AFTER_MS);
  timer.unref();
  server.server.once('close', () => clearTimeout(timer));
}
