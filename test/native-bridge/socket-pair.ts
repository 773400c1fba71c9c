import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { tempDir } from '../support/temp.ts';

/** The two ends of a Unix socket. Node.js does not read `near`. */
export async function socketPair(t: TestContext): Promise<{ near: Socket; far: Socket }> {
  const path = join(tempDir(t), 's');
  const server = createServer({ pauseOnConnect: false });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const near = new Socket();
  await new Promise<void>((resolve) => near.connect(path, resolve));
  const far = await accepted;
  for (const socket of [near, far]) socket.on('error', () => undefined);
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

/** Of a socket, whose reading is taken away from Node.js. */
export function descriptorOf(socket: Socket): number {
  const handle = (socket as unknown as { _handle: { fd: number; readStop(): void } })['_handle'];
  socket.pause();
  handle.readStop();
  return handle.fd;
}
