import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Code } from '../../base/codes.ts';
import { MillraceError, toErrorRecord } from '../../base/errors.ts';
import { adviceOf } from '../log.ts';
import type { Service } from '../service.ts';

/** Status of an answer by the code of what is wrong with the request; 500 for anything else. */
const STATUS: Partial<Record<Code, number>> = {
  API_HOST_REFUSED: 403,
  API_TOKEN_REFUSED: 401,
  API_READ_ONLY: 403,
  API_HEADER_MISSING: 403,
  API_NOT_FOUND: 404,
  API_STATE_CONFLICT: 409,
  API_REQUEST_INVALID: 400,
  SELECTION_REFUSED: 422,
};

/** Whatever goes wrong is answered as `{ error: { code, message, advice } }`, without secrets. */
export function answerErrors(server: FastifyInstance, { log, redact }: Service): void {
  const answer = (reply: FastifyReply, error: unknown) => {
    const record = toErrorRecord(error);
    const status = STATUS[record.code] ?? 500;
    if (status === 500) log.error(record);
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(status).send({ error: { code: record.code, message: redact(record.message), advice: adviceOf(record) } });
  };
  server.setNotFoundHandler((request, reply) =>
    answer(reply, new MillraceError('API_NOT_FOUND', `there is no ${request.method} ${request.url.replace(/\?.*$/, '')}`)),
  );
  server.setErrorHandler((error: FastifyError, _request, reply) => answer(reply, isOfCaller(error) ? refused(error) : error));
}

/** Fastify's own errors name a status; below 500 the request was at fault. */
function isOfCaller(error: FastifyError): boolean {
  return !(error instanceof MillraceError) && error.statusCode !== undefined && error.statusCode < 500;
}

function refused(error: FastifyError): MillraceError {
  return new MillraceError('API_REQUEST_INVALID', error.message, {}, { cause: error });
}
