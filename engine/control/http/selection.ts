import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MillraceError } from '../../base/errors.ts';
import { OPTIONS } from '../config/options.ts';
import { Refused } from '../config/parse.ts';
import type { Service } from '../service.ts';
import { ID, WRITE, find, type ById } from './by-id.ts';
import { ERROR, TEXT, object } from './schemas.ts';
import { CHANGEFEED } from './view-schemas.ts';
import { changefeedOf } from './views.ts';

const TABLES = { type: ['array', 'null'], items: TEXT, minItems: 1 };

/** `PATCH` of a changefeed: its tables, the one option that can be changed while it runs. */
export function addSelection(server: FastifyInstance, service: Service): void {
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
