import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test from 'node:test';
import { PlainSocket } from '../../../../engine/source/plain-socket.ts';
import { narrowWindow } from '../../../../engine/source/postgres/window.ts';
import { plainPair, tcpPair, unixPair } from '../../../native-bridge/socket-pair.ts';

test('the stream of a server on this machine gets a small receive buffer, which the kernel counts twice', async (t) => {
  const { near } = await plainPair(t);
  assert.equal(narrowWindow(near), 65_536);
});

test('other sockets keep theirs: of TLS, of the file system, of a server at another address', async (t) => {
  assert.equal(narrowWindow((await tcpPair(t)).near), null);
  assert.equal(narrowWindow((await unixPair(t)).near), null);
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.2', resolve));
  const elsewhere: Socket = new PlainSocket(1_024);
  t.after(() => {
    elsewhere.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void elsewhere.connect({ port, host: '127.0.0.2', localAddress: '127.0.0.1' }, resolve));
  assert.equal(narrowWindow(elsewhere), null);
});

test('a socket that is closed is left alone', async (t) => {
  const { near } = await plainPair(t);
  near.destroy();
  assert.equal(narrowWindow(near), null);
});
