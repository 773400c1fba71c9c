import type { FastifyInstance } from 'fastify';
import type { LogLevel } from '../config/config.ts';
import type { Request, Service } from '../service.ts';
import { ID, WRITE, find, type ById } from './by-id.ts';
import { addReads } from './reads.ts';
import { BOOLEAN, ERROR, LOG_LEVEL, NUMBER, TEXT, listOf } from './schemas.ts';
import { addSelection } from './selection.ts';
import { CHANGEFEED, HISTORY, JOB, PARTITION } from './view-schemas.ts';
import { changefeedOf, historyOf, jobOf, jobWithLagOf, partitionsOf, type JobView } from './views.ts';

/** What each request to a changefeed does. */
const REQUESTS = {
  pause: 'Delivers what is under way, stores the checkpoint, and reads no more until it is resumed. The slot goes on holding the log.',
  resume: 'Goes on after a pause, from the checkpoint; changes nothing otherwise.',
  restart:
    'Delivers what is under way, stores the checkpoint, and begins a new capture process, at once where none runs. Also begins a ' +
    'changefeed again that has failed or is finished, while others go on.',
} as const satisfies Record<Request, string>;

/** `/api/v1`: what the service does, and what it is asked to do. */
export function addApi(server: FastifyInstance, service: Service): void {
  addLists(server, service);
  addChangefeed(server, service);
  addSelection(server, service);
  addReads(server, service);
  addLogLevel(server, service);
}

function addLists(server: FastifyInstance, service: Service): void {
  const jobs = {
    summary: 'Export jobs, the latest export first.',
    querystring: {
      type: 'object',
      properties: { target_type: TEXT, lag: { ...BOOLEAN, description: 'With how far behind each is, and where it reads.' } },
    },
    response: { 200: listOf(JOB), '4xx': ERROR },
  };
  server.get<{ Querystring: { target_type?: string; lag?: boolean } }>('/api/v1/jobs', { schema: jobs }, ({ query }) =>
    service.changefeeds
      .map((changefeed): JobView => (query.lag === true ? jobWithLagOf(changefeed, service) : jobOf(changefeed, service)))
      .filter((job) => query.target_type === undefined || job.target_type === query.target_type)
      .toSorted(byLastExport),
  );

  const partitions = {
    summary: 'Partitions of all topics.',
    querystring: { type: 'object', properties: { topic: TEXT, changefeed: TEXT } },
    response: { 200: listOf(PARTITION), '4xx': ERROR },
  };
  server.get<{ Querystring: { topic?: string; changefeed?: string } }>('/api/v1/partitions', { schema: partitions }, ({ query }) => {
    const chosen = query.changefeed === undefined ? service.changefeeds : [find(service, { id: query.changefeed })];
    return chosen.flatMap(partitionsOf).filter(({ topic }) => query.topic === undefined || topic === query.topic);
  });

  const changefeeds = { summary: 'Every changefeed.', response: { 200: listOf(CHANGEFEED), '4xx': ERROR } };
  server.get('/api/v1/changefeeds', { schema: changefeeds }, () =>
    service.changefeeds.map((changefeed) => changefeedOf(changefeed, service)),
  );
}

function addChangefeed(server: FastifyInstance, service: Service): void {
  const one = { summary: 'One changefeed.', params: ID, response: { 200: CHANGEFEED, '4xx': ERROR } };
  server.get<{ Params: ById }>('/api/v1/changefeeds/:id', { schema: one }, ({ params }) => changefeedOf(find(service, params), service));

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

  for (const [request, summary] of Object.entries(REQUESTS) as [Request, string][]) {
    const schema = { summary, params: ID, headers: WRITE, response: { 200: CHANGEFEED, '4xx': ERROR } };
    server.post<{ Params: ById }>(`/api/v1/changefeeds/:id/${request}`, { schema }, ({ params }) => {
      const changefeed = find(service, params);
      service.request(changefeed, request);
      return changefeedOf(changefeed, service);
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

/** The latest export first; jobs that have exported nothing come last. */
function byLastExport(a: JobView, b: JobView): number {
  return (b.last_export_time ?? '').localeCompare(a.last_export_time ?? '');
}
