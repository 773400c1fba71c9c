import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TestContext } from 'node:test';
import type { HttpConfig } from '../../../../engine/control/config/config.ts';
import { redactorOf } from '../../../../engine/control/config/service.ts';
import { startHttp, type HttpServer } from '../../../../engine/control/http/server.ts';
import { Selections } from '../../../../engine/control/selections.ts';
import { Service, servedBy } from '../../../../engine/control/service.ts';
import { stage, type Scene } from '../stage.ts';
import type { Step } from '../stand-in-capture.ts';

/** As a service without any option for HTTP listens, on a free port. */
export const LOCAL: HttpConfig = { host: '127.0.0.1', port: 0, token: null, tls: null, hosts: [] };

/** A supervisor of a changefeed `shop`, unless it is named otherwise. */
export function shop(t: TestContext, lives: readonly (readonly Step[])[], env: Record<string, string> = {}): Scene {
  return stage(t, lives, { MILLRACE_CHANGEFEED: 'shop', ...env });
}

/** The service of one changefeed, or of several, in which every change of the tables passes its check. */
export function serviceOf(first: Scene, ...others: Scene[]): Service {
  const scenes = [first, ...others];
  const redact = redactorOf({ changefeeds: [first.config, ...others.map(({ config }) => config)], http: null }, {});
  const changefeeds = scenes.map(({ supervisor, logger }) => servedBy(supervisor, logger));
  const configured = new Map(scenes.map(({ config }) => [config.changefeed, config.source.tables]));
  const selections = new Selections({ configured, check: async () => [] });
  return new Service({ changefeeds, selections, log: first.logger, redact, now: () => performance.now() });
}

/** Serves a scene, or a service of several, until the end of the test. */
export async function serve(t: TestContext, served: Scene | Service, changes: Partial<HttpConfig> = {}): Promise<HttpServer> {
  const server = await startHttp({ ...LOCAL, ...changes }, served instanceof Service ? served : serviceOf(served));
  t.after(() => server.close());
  return server;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body, parsed. */
  readonly json: () => Record<string, unknown>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Authorities that are trusted, PEM. */
  readonly ca?: Buffer;
}

/** One request, with every header as it is given here (`fetch` has its own mind about `host`). */
export async function ask(server: { readonly url: string }, path: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', body, ca } = asking;
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...asking.headers };
  return new Promise((resolve, reject) => {
    const request = server.url.startsWith('https:') ? requestHttps : requestHttp;
    const options = { method, headers, agent: false, ...(ca === undefined ? {} : { ca }) };
    const asked = request(server.url + path, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => {
        const json = () => JSON.parse(text) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json });
      });
    });
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The code in the body of a refusal. */
export function codeOf(answer: Answer): string {
  return (answer.json()['error'] as { code: string }).code;
}
