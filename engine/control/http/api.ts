import type { FastifyInstance } from 'fastify';
import { MillraceError } from '../../base/errors.ts';
import { isOver } from '../changefeed.ts';
import type { LogLevel } from '../config/config.ts';
import { ERROR, LOG_LEVEL, NUMBER, TEXT, listOf, object } from './schemas.ts';
import type { Service } from './service.ts';
import { CHANGEFEED, HISTORY, JOB, PARTITION } from './view-schemas.ts';
import { changefeedOf, historyOf, jobOf, partitionsOf } from './views.ts';

interface ById {
  readonly id: string;
}

const ID = object('Of the changefeed.', { id: TEXT });
const WRITE = { type: 'object', properties: { 'x-millrace': { ...TEXT, description: 'Any value: 1.' } }, required: ['x-millrace'] };

/** What each request to a changefeed does. */
const REQUESTS = {
  pause: 'Delivers what is under way, stores the checkpoint, and reads no more until it is resumed. The slot goes on holding the log.',
  resume: 'Goes on after a pause, from the checkpoint; changes nothing otherwise.',
  restart: 'Delivers what is under way, stores the checkpoint, and begins a new capture process, at once where none runs.',
} as const;

/** `/api/v1`: what the service does, and what it is asked to do. */
export function addApi(server: FastifyInstance, service: Service): void {
  addLists(server, service);
  addChangefeed(server, service);
  addLogLevel(server, service);
}

function addLists(server: FastifyInstance, service: Service): void {
  const jobs = {
    summary: 'Export jobs, the latest export first.',
    querystring: { type: 'object', properties: { target_type: TEXT } },
    response: { 200: listOf(JOB), '4xx': ERROR },
  };
  server.get<{ Querystring: { target_type?: string } }>('/api/v1/jobs', { schema: jobs }, ({ query }) =>
    [jobOf(service)].filter((job) => query.target_type === undefined || job.target_type === query.target_type),
  );

  const partitions = {
    summary: 'Partitions of all topics.',
    querystring: { type: 'object', properties: { topic: TEXT } },
    response: { 200: listOf(PARTITION), '4xx': ERROR },
  };
  server.get<{ Querystring: { topic?: string } }>('/api/v1/partitions', { schema: partitions }, ({ query }) =>
    partitionsOf(service).filter(({ topic }) => query.topic === undefined || topic === query.topic),
  );

  const changefeeds = { summary: 'Every changefeed.', response: { 200: listOf(CHANGEFEED), '4xx': ERROR } };
  server.get('/api/v1/changefeeds', { schema: changefeeds }, () => [changefeedOf(service)]);
}

function addChangefeed(server: FastifyInstance, service: Service): void {
  const one = { summary: 'One changefeed.', params: ID, response: { 200: CHANGEFEED, '4xx': ERROR } };
  server.get<{ Params: ById }>('/api/v1/changefeeds/:id', { schema: one }, ({ params }) => changefeedOf(find(service, params)));

  const history = {
    summary: 'Throughput and lag of the last five minutes, the oldest first.',
    params: ID,
    querystring: { type: 'object', properties: { since: { ...NUMBER, description: 'Only what came after: milliseconds since 1970.' } } },
    response: { 200: HISTORY, '4xx': ERROR },
  };
  server.get<{ Params: ById; Querystring: { since?: number } }>(
    '/api/v1/changefeeds/:id/history',
    { schema: history },
    ({ params, query }) => historyOf(find(service, params), query.since ?? 0),
  );

  for (const [request, summary] of Object.entries(REQUESTS) as [keyof typeof REQUESTS, string][]) {
    const schema = { summary, params: ID, headers: WRITE, response: { 200: CHANGEFEED, '4xx': ERROR } };
    server.post<{ Params: ById }>(`/api/v1/changefeeds/:id/${request}`, { schema }, ({ params }) => {
      const { supervisor, log, config } = find(service, params);
      const { status } = supervisor;
      if (isOver(status) || status.wanted === 'stop') {
        const message = `the changefeed ${config.changefeed} is ${isOver(status) ? status.state : 'stopping'}: it takes no request any more`;
        throw new MillraceError('API_STATE_CONFLICT', message);
      }
      log.info(`asked over HTTP to ${request} the changefeed`, { changefeed: config.changefeed });
      supervisor[request]();
      return changefeedOf(service);
    });
  }
}

function addLogLevel(server: FastifyInstance, { log }: Service): void {
  const path = '/api/v1/log-level';
  const response = { 200: LOG_LEVEL, '4xx': ERROR };
  server.get(path, { schema: { summary: 'Least level that is logged.', response } }, () => ({ level: log.level }));

  const schema = { summary: 'Sets it, until the service ends.', headers: WRITE, body: LOG_LEVEL, response };
  server.put<{ Body: { level: LogLevel } }>(path, { schema }, ({ body }) => {
    log.info(`asked over HTTP to log at level ${body.level}`);
    log.level = body.level;
    return { level: log.level };
  });
}

/** @throws MillraceError API_NOT_FOUND */
function find(service: Service, { id }: ById): Service {
  if (id === service.config.changefeed) return service;
  throw new MillraceError('API_NOT_FOUND', `given the changefeed ${JSON.stringify(id)}, accepted: ${service.config.changefeed}`);
}
