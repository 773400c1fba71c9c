import assert from 'node:assert/strict';
import { fastify } from 'fastify';
import { describe, it } from 'node:test';
import { answerErrors } from '../../../../engine/control/http/errors.ts';
import { ask, codeOf, serve, serviceOf, shop } from './support.ts';

const TOKEN = 'a-token-of-some-length';

describe('a refusal', () => {
  it('says what was given, what is accepted and what to do', async (t) => {
    const server = await serve(t, shop(t, []));
    const answer = await ask(server, '/metrics', { headers: { host: 'evil.example.com' } });
    assert.equal(answer.status, 403);
    const { error } = answer.json() as { error: Record<string, string> };
    assert.equal(error['code'], 'API_HOST_REFUSED');
    assert.match(error['message']!, /given the host "evil\.example\.com", accepted: an address, localhost/);
    assert.match(error['advice']!, /MILLRACE_HTTP_HOSTS.*docs\/errors\.md#api_host_refused/);
  });

  it('asks for a token as HTTP has it, whatever the path', async (t) => {
    const server = await serve(t, shop(t, []), { token: TOKEN });
    for (const path of ['/metrics', '/nothing']) {
      const answer = await ask(server, path);
      assert.deepEqual([answer.status, answer.headers['www-authenticate'], codeOf(answer)], [401, 'Bearer', 'API_TOKEN_REFUSED']);
    }
    assert.equal((await ask(server, '/metrics', { headers: { authorization: `Bearer ${TOKEN}` } })).status, 200);
    assert.deepEqual([(await ask(server, '/live')).status, (await ask(server, '/ready')).status], [200, 503]);
  });

  it('of a path that is not there names it, without its query', async (t) => {
    const answer = await ask(await serve(t, shop(t, [])), '/nothing?s3cret');
    assert.deepEqual([answer.status, codeOf(answer)], [404, 'API_NOT_FOUND']);
    assert.match(answer.body, /there is no GET \/nothing"/);
  });

  it('of a body that is no JSON is one of the request', async (t) => {
    const headers = { 'x-millrace': '1', 'content-type': 'application/json', 'content-length': '5' };
    const server = fastify();
    t.after(() => server.close());
    answerErrors(server, serviceOf(shop(t, [])));
    server.post('/', () => ({}));
    const { statusCode, body } = await server.inject({ method: 'POST', url: '/', headers, body: '{oops' });
    assert.deepEqual([statusCode, JSON.parse(body).error.code], [400, 'API_REQUEST_INVALID']);
  });

  it('that is our own defect is logged, and tells no secret', async (t) => {
    const scene = shop(t, []);
    const server = fastify();
    t.after(() => server.close());
    answerErrors(server, serviceOf(scene));
    server.get('/', () => {
      throw new Error('lost s3cret-word');
    });
    const { statusCode, body } = await server.inject('/');
    assert.deepEqual([statusCode, JSON.parse(body).error.code, JSON.parse(body).error.message], [500, 'INTERNAL', 'lost ***']);
    assert.deepEqual([scene.log().at(-1)?.['code'], scene.log().at(-1)?.['message']], ['INTERNAL', 'lost ***']);
  });
});
