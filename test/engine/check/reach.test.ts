import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { addressText, isLocal, connectFailure, resolveHost } from '../../../engine/check/reach.ts';
import { freePort } from '../../support/ports.ts';

test('a host has addresses, or a reason for having none', async () => {
  assert.deepEqual(await resolveHost('127.0.0.1'), { addresses: ['127.0.0.1'], reason: '' });
  const { addresses, reason } = await resolveHost('host.invalid');
  assert.deepEqual(addresses, []);
  assert.match(reason, /^E/);
});

test('an address accepts a connection, or refuses it', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  assert.equal(await connectFailure({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }), null);
  assert.equal(await connectFailure({ host: '127.0.0.1', port: await freePort() }), 'ECONNREFUSED');
});

test('addresses as they are written', () => {
  assert.equal(addressText({ host: 'db', port: 1 }), 'db:1');
  assert.equal(addressText({ host: '::1', port: 1 }), '[::1]:1');
});

test('what stays on this machine', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '/run']) assert.equal(isLocal(host), true, host);
  for (const host of ['db', '10.0.0.1', '128.0.0.1']) assert.equal(isLocal(host), false, host);
});
