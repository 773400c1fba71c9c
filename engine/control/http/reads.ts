import type { FastifyInstance } from 'fastify';
import { cancelRead, orderRead, type ReadRequest } from '../reads.ts';
import type { Service } from '../service.ts';
import { ID, WRITE, find, type ById } from './by-id.ts';
import { ERROR, TEXT, TEXT_OR_NULL, listOf } from './schemas.ts';
import { READ } from './view-schemas.ts';
import { readOf, readsOf } from './views.ts';

interface ByRead extends ById {
  readonly read: string;
}

const PATH = '/api/v1/changefeeds/:id/snapshots';

/** Tables that are read beside the stream: their list, and requests to read one, or to read it no further. */
export function addReads(server: FastifyInstance, service: Service): void {
  const list = {
    summary: 'Tables that are read beside the stream, and the last ones that were, the latest first.',
    params: ID,
    response: { 200: listOf(READ), '4xx': ERROR },
  };
  server.get<{ Params: ById }>(PATH, { schema: list }, ({ params }) => readsOf(find(service, params), service));

  const order = {
    summary: 'Reads a table while the stream runs: its rows go out as inserts, each in its order with the changes of its key.',
    params: ID,
    headers: WRITE,
    body: {
      type: 'object',
      properties: {
        table: { ...TEXT, description: '`schema.table`, one that the changefeed exports.' },
        where: { ...TEXT_OR_NULL, default: null, description: 'What follows WHERE in SQL: only rows for which it holds.' },
        comment: { ...TEXT_OR_NULL, default: null, description: 'Why; the messages of a bootstrap repeat it.' },
      },
      required: ['table'],
    },
    response: { 200: READ, '4xx': ERROR },
  };
  server.post<{ Params: ById; Body: ReadRequest }>(PATH, { schema: order }, async ({ params, body }) =>
    readOf(await orderRead(find(service, params), body), service),
  );

  const cancel = {
    summary: 'Reads a table no further. Rows of it that are out stay out.',
    params: { ...ID, properties: { ...ID.properties, read: TEXT }, required: [...ID.required, 'read'] },
    headers: WRITE,
    response: { 200: READ, '4xx': ERROR },
  };
  server.delete<{ Params: ByRead }>(`${PATH}/:read`, { schema: cancel }, async ({ params }) =>
    readOf(await cancelRead(find(service, params), params.read), service),
  );
}
