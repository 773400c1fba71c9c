import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { warmUp } from '../../../../engine/control/http/warm-up.ts';
import { until } from '../../../support/wait.ts';

test('the metrics are asked for once after a start, with the token, and not after a close', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asked: (string | undefined)[] = [];
  const server = fastify();
  server.get('/metrics', async ({ headers }) => asked.push(headers.authorization));
  await server.listen({ host: '127.0.0.1', port: 0 });
  warmUp(server, { token: 'secret' });
  t.mock.timers.tick(60_000);
  t.mock.timers.reset();
  await until(() => asked.length > 0, { what: 'a scrape' });
  assert.deepEqual(asked, ['Bearer secret']);

  t.mock.timers.enable({ apis: ['setTimeout'] });
  const closed = fastify();
  closed.get('/metrics', async () => assert.fail('asked for by a server that is closed'));
  await closed.listen({ host: '127.0.0.1', port: 0 });
  warmUp(closed, { token: null });
  await closed.close();
  t.mock.timers.tick(60_000);
  await server.close();
});
