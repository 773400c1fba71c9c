import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MillraceError } from '../../base/errors.ts';
import type { LogLevel } from '../config/config.ts';
import { OPTIONS } from '../config/options.ts';
import { Refused } from '../config/parse.ts';
import type { Request, ServedChangefeed, Service } from '../service.ts';
import { ERROR, LOG_LEVEL, NUMBER, TEXT, listOf, object } from './schemas.ts';
import { CHANGEFEED, HISTORY, JOB, PARTITION } from './view-schemas.ts';
import { changefeedOf, historyOf, jobOf, partitionsOf, type JobView } from './views.ts';

interface ById {
  readonly id: string;
}

const ID = object('Of the changefeed.', { id: TEXT });
const WRITE = { type: 'object', properties: { 'x-millrace': { ...TEXT, description: 'Any value: 1.' } }, required: ['x-millrace'] };

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
  addTables(server, service);
  addLogLevel(server, service);
}

function addLists(server: FastifyInstance, service: Service): void {
  const jobs = {
    summary: 'Export jobs, the latest export first.',
    querystring: { type: 'object', properties: { target_type: TEXT } },
    response: { 200: listOf(JOB), '4xx': ERROR },
  };
  server.get<{ Querystring: { target_type?: string } }>('/api/v1/jobs', { schema: jobs }, ({ query }) =>
    service.changefeeds
      .map((changefeed) => jobOf(changefeed, service))
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

/** The one option of a changefeed that can be changed while it runs. */
function addTables(server: FastifyInstance, service: Service): void {
  const schema = {
    summary:
      'Exports other tables from now on, also after a restart of the service, until MILLRACE_TABLES is changed; null: those of ' +
      'MILLRACE_TABLES again. What stands in the way is found before anything is changed.',
    params: ID,
    headers: WRITE,
    body: object('The options to change.', { tables: { ...TABLES, description: 'As in MILLRACE_TABLES, one entry each.' } }),
    response: { 200: CHANGEFEED, '4xx': ERROR },
  };
  server.patch<{ Params: ById; Body: { tables: readonly string[] | null } }>(
    '/api/v1/changefeeds/:id',
    { schema, preValidation: refuseOtherOptions },
    async ({ params, body }) => {
      const changefeed = find(service, params);
      await service.selections.choose(changefeed, body.tables === null ? null : patternsOf(body.tables));
      return changefeedOf(changefeed, service);
    },
  );
}

const TABLES = { type: ['array', 'null'], items: TEXT, minItems: 1 };

/** What is not described would be dropped without a word. */
async function refuseOtherOptions({ body }: FastifyRequest): Promise<void> {
  const others = Object.keys(typeof body === 'object' && body !== null ? body : {}).filter((name) => name !== 'tables');
  if (others.length === 0) return;
  const message = `given ${others.join(', ')}, accepted: tables; other options change with a start of the service only`;
  throw new MillraceError('API_REQUEST_INVALID', message);
}

/** @throws MillraceError API_REQUEST_INVALID */
function patternsOf(tables: readonly string[]): readonly string[] {
  const { type } = OPTIONS.tables;
  const patterns = type.parse(tables.join(','), '');
  if (!(patterns instanceof Refused)) return patterns;
  throw new MillraceError('API_REQUEST_INVALID', `tables: given ${JSON.stringify(tables)}, ${patterns.reason} accepted: ${type.accepted}`);
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
function find({ changefeeds }: Service, { id }: ById): ServedChangefeed {
  const found = changefeeds.find(({ config }) => config.changefeed === id);
  if (found !== undefined) return found;
  const names = changefeeds.map(({ config }) => config.changefeed).join(', ');
  throw new MillraceError('API_NOT_FOUND', `given the changefeed ${JSON.stringify(id)}, accepted: ${names}`);
}

/** The latest export first; jobs that have exported nothing come last. */
function byLastExport(a: JobView, b: JobView): number {
  return (b.last_export_time ?? '').localeCompare(a.last_export_time ?? '');
}
