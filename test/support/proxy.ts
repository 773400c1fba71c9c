import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A TCP proxy on 127.0.0.1, to cut a connection the way a network does: nobody is told. */
export class Proxy {
  readonly port: number;
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isCut = false;

  private constructor(port: number, server: Server) {
    this.port = port;
    this.server = server;
  }

  static async start(targetPort: number, ownPort?: number): Promise<Proxy> {
    const port = ownPort ?? (await freePort());
    const server = createServer();
    const proxy = new Proxy(port, server);
    server.on('connection', (client) => proxy.join(client, connect(targetPort, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  /** From now on nothing passes, on connections that are open and on new ones; they stay open. */
  cut(): void {
    this.isCut = true;
    for (const [client, server] of this.pairs) {
      client.pause();
      server.pause();
    }
  }

  /** The network is back, but nobody remembers the old connections: they are reset. */
  mend(): void {
    this.isCut = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (chunk: Buffer) => server.write(chunk));
    server.on('data', (chunk: Buffer) => client.write(chunk));
    if (this.isCut) {
      client.pause();
      server.pause();
    }
  }
}
