import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { startMariadb } from './mariadb.ts';
import { freePort, onFreePorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { skipUnless } from './skip.ts';

async function listen(t: TestContext, port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

/** A port that somebody listens on. */
async function takenPort(t: TestContext): Promise<number> {
  const port = await freePort();
  await listen(t, port);
  return port;
}

test('a port that was taken meanwhile is one more reason to try, three times, and nothing else is', async (t) => {
  const taken = await takenPort(t);
  const ports = [taken, await freePort()];
  await onFreePorts(() => listen(t, ports.shift()!));
  assert.deepEqual(ports, []);
  let tries = 0;
  const always = () => listen(t, (tries++, taken));
  await assert.rejects(onFreePorts(always), { code: 'EADDRINUSE' });
  assert.equal(tries, 3);
  const broken = () => Promise.reject(new Error(`broken ${tries++}`));
  await assert.rejects(onFreePorts(broken), { message: 'broken 3' });
});

test('servers say it in these words', { skip: skipUnless('mariadb', 'postgres-15') }, async (t) => {
  const port = await takenPort(t);
  const words = { message: /address already in use/i };
  await assert.rejects(startMariadb({ settings: { port } }), words);
  const postgres = await startPostgres({ version: '15' });
  t.after(() => postgres.destroy());
  await postgres.stop();
  await listen(t, postgres.port);
  await assert.rejects(postgres.start(), words);
});
