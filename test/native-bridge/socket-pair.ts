import { createServer, Socket, type NetConnectOpts, type TcpSocketConnectOpts } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { READ_BYTES } from '../../engine/source/pacing.ts';
import { PlainSocket } from '../../engine/source/plain-socket.ts';
import { tempDir } from '../support/temp.ts';

export interface SocketPair {
  readonly near: Socket;
  readonly far: Socket;
}

/** The two ends of a Unix socket. */
export async function unixPair(t: TestContext): Promise<SocketPair> {
  return await pairAt(t, { path: join(tempDir(t), 's') });
}

/** The two ends of a TCP connection. */
export async function tcpPair(t: TestContext): Promise<SocketPair> {
  return await pairAt(t, { host: '127.0.0.1', port: 0 });
}

/** The two ends of a TCP connection, the near one read into buffers of its own. */
export async function plainPair(t: TestContext): Promise<SocketPair> {
  return await pairAt(t, { host: '127.0.0.1', port: 0 }, new PlainSocket(READ_BYTES));
}

async function pairAt(t: TestContext, place: NetConnectOpts, near = new Socket()): Promise<SocketPair> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(place, resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const address = server.address();
  const target: NetConnectOpts = typeof address === 'string' ? { path: address } : ({ port: address!.port } satisfies TcpSocketConnectOpts);
  await new Promise<void>((resolve) => near.connect(target, resolve));
  const far = await accepted;
  for (const socket of [near, far]) socket.on('error', () => undefined);
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}
