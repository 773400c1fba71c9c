import type { FastifyInstance } from 'fastify';
import { activityOf, healthOf } from './health.ts';
import { renderMetrics } from './metrics.ts';
import { BOOLEAN, STATE, TEXT, TEXT_OR_NULL, object } from './schemas.ts';
import type { Service } from './service.ts';

const READY = object(
  'Whether rows make progress; the reason when they do not, and what goes on where that is not streaming as fast as rows come.',
  {
    ready: BOOLEAN,
    changefeed: TEXT,
    state: STATE,
    reason: TEXT_OR_NULL,
    activity: TEXT_OR_NULL,
  },
);

/** `/live` (the process answers), `/ready` (the stream moves; 503 with the reason when not) and `/metrics`. */
export function addHealthRoutes(server: FastifyInstance, service: Service): void {
  const { config, supervisor, redact, now } = service;
  const live = { summary: 'The process answers.', security: [], response: { 200: object('It does.', { live: { const: true } }) } };
  server.get('/live', { schema: live }, () => ({ live: true }));

  const readiness = { summary: 'Rows make progress.', security: [], response: { 200: READY, 503: READY } };
  server.get('/ready', { schema: readiness }, (_request, reply) => {
    const nowMs = now();
    const { ready, reason } = healthOf(supervisor.status, supervisor.watch, nowMs);
    reply.code(ready ? 200 : 503);
    const activity = ready ? activityOf(supervisor.watch, nowMs) : null;
    return {
      ready,
      changefeed: config.changefeed,
      state: supervisor.status.state,
      reason: reason === null ? null : redact(reason),
      activity,
    };
  });

  const metrics = {
    summary: 'Metrics, in the text format of Prometheus.',
    response: { 200: { description: 'All of them.', content: { 'text/plain': { schema: TEXT } } } },
  };
  server.get('/metrics', { schema: metrics }, (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return renderMetrics(supervisor, config.changefeed, now());
  });
}
