import type { CodeEntry } from '../codes.ts';

export const API_CODES = {
  API_HOST_REFUSED: {
    action: 'refuse',
    summary: 'The service was asked under a name that is none of its own, as a foreign web page would make a browser do.',
    advice: 'Ask by address, or name the name in `MILLRACE_HTTP_HOSTS`.',
  },
  API_TOKEN_REFUSED: {
    action: 'refuse',
    summary: 'The request has no token, or another one than `MILLRACE_HTTP_TOKEN`.',
    advice: 'Send `Authorization: Bearer` and the token.',
  },
  API_READ_ONLY: {
    action: 'refuse',
    summary: 'The service has no token and listens where others reach it: it can be looked at and not steered.',
    advice: 'Set `MILLRACE_HTTP_TOKEN`, or let it listen on 127.0.0.1 (`MILLRACE_HTTP_ADDRESS`).',
  },
  API_HEADER_MISSING: {
    action: 'refuse',
    summary: 'A request that changes something came without the header by which it shows that no foreign web page sent it.',
    advice: 'Send `X-Millrace: 1`.',
  },
  API_NOT_FOUND: {
    action: 'refuse',
    summary: 'There is nothing under this path, or no changefeed of this name.',
    advice: '`/openapi.json` lists every path, `/api/v1/changefeeds` every changefeed.',
  },
  API_STATE_CONFLICT: {
    action: 'refuse',
    summary: 'The changefeed has ended, or the service is stopping: what was asked for cannot be done any more.',
    advice:
      'What it failed by stands in the log and under `/api/v1/changefeeds`. Where others still run, `restart` begins it again; ' +
      'otherwise start the service again.',
  },
  API_REQUEST_INVALID: {
    action: 'refuse',
    summary: 'The body or a parameter of the request has a form that is not accepted.',
    advice: 'The message says what is accepted; `/openapi.json` describes every request.',
  },
  SELECTION_REFUSED: {
    action: 'refuse',
    summary: 'The tables that a running changefeed was asked to export from now on were checked, and something stands in the way.',
    advice: 'It goes on with the tables that it had. Mend what each line of the message names, then ask again.',
  },
  RELOAD_REFUSED: {
    action: 'refuse',
    summary: 'The configuration was read again (SIGHUP), and it is wrong, or changes more than can be changed while the service runs.',
    advice: 'What the message names goes on as it was. Correct the file and send SIGHUP again, or start the service again.',
  },
  CHECK_DIED: {
    action: 'refuse',
    summary: 'The process in which a running service checks a change before it takes it ended without an answer, or took over a minute.',
    advice:
      'Nothing was changed: ask again. If it happens again, see with `millrace check` what takes so long, and report it with the log.',
  },
  API_UNREACHABLE: {
    action: 'refuse',
    summary: 'A command asked the service and got no answer, or none that it could use.',
    advice: 'Is the service running, and is MILLRACE_HTTP_ADDRESS (with token and certificate, where it has them) the same for both?',
  },
} satisfies Record<string, CodeEntry>;
