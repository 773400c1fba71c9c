import type { FastifyInstance } from 'fastify';
import { isOver } from '../changefeed.ts';
import type { Service } from '../service.ts';
import { renderMetrics } from './metrics.ts';
import { readinessOf } from './readiness.ts';
import { BOOLEAN, STATE, TEXT, TEXT_OR_NULL, listOf, object } from './schemas.ts';

const PROGRESS = { ready: BOOLEAN, reason: TEXT_OR_NULL, activity: TEXT_OR_NULL } as const;

const READY = object(
  'Whether rows make progress; the reason when they do not, and what goes on where that is not streaming as fast as rows come.',
  {
    ...PROGRESS,
    changefeed: { ...TEXT_OR_NULL, description: 'Null where the service has several.' },
    state: { type: ['string', 'null'], enum: [...STATE.enum, null] },
    changefeeds: listOf(object('One changefeed.', { ...PROGRESS, changefeed: TEXT, state: STATE })),
  },
);

const LIVE = object('It does, and which changefeeds go on.', {
  live: { const: true },
  changefeeds: listOf(object('One changefeed.', { changefeed: TEXT, live: BOOLEAN, state: STATE })),
});

/** `/live` (the process answers), `/ready` (every stream moves; 503 with the reason when not) and `/metrics`. */
export function addHealthRoutes(server: FastifyInstance, service: Service): void {
  const live = { summary: 'The process answers.', security: [], response: { 200: LIVE } };
  server.get('/live', { schema: live }, () => ({
    live: true,
    changefeeds: service.changefeeds.map(({ config, supervisor: { status } }) => ({
      changefeed: config.changefeed,
      live: !isOver(status),
      state: status.state,
    })),
  }));

  const readiness = { summary: 'Rows make progress.', security: [], response: { 200: READY, 503: READY } };
  server.get('/ready', { schema: readiness }, (_request, reply) => {
    const answer = readinessOf(service);
    reply.code(answer.ready ? 200 : 503);
    return answer;
  });

  const metrics = {
    summary: 'Metrics, in the text format of Prometheus.',
    response: { 200: { description: 'All of them.', content: { 'text/plain': { schema: TEXT } } } },
  };
  server.get('/metrics', { schema: metrics }, (_request, reply) => {
    reply.type('text/plain; version=0.0.4; charset=utf-8');
    return renderMetrics(service);
  });
}
