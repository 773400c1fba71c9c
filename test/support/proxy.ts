import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './ports.ts';

/** A TCP proxy on 127.0.0.1, to cut a connection the way a network does, where nobody is told, or to make it slow. */
export class Proxy {
  readonly port: number;
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private targetPort: number;
  private isCut = false;
  private bytesPerMs = Number.POSITIVE_INFINITY;
  /** When what has passed has passed at that rate. */
  private busyUntilMs = 0;
  /** What becomes of what the server sends; a promise holds it back, and what follows it on its connection. */
  alter: (chunk: Buffer) => Buffer | Promise<Buffer> = (chunk) => chunk;

  private constructor(port: number, targetPort: number, server: Server) {
    this.port = port;
    this.targetPort = targetPort;
    this.server = server;
  }

  static async start(targetPort: number, ownPort?: number): Promise<Proxy> {
    const port = ownPort ?? (await freePort());
    const server = createServer();
    const proxy = new Proxy(port, targetPort, server);
    server.on('connection', (client) => proxy.join(client, connect(proxy.targetPort, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  /** New connections lead to another server. */
  turnTo(targetPort: number): void {
    this.targetPort = targetPort;
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

  /** From now on no more than this passes from clients to the server, over all connections together; null for no limit. */
  limit(bytesPerSecond: number | null): void {
    this.bytesPerMs = bytesPerSecond === null ? Number.POSITIVE_INFINITY : bytesPerSecond / 1000;
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
    client.on('data', (chunk: Buffer) => {
      server.write(chunk);
      this.hold(client, chunk.length);
    });
    server.on('data', (chunk: Buffer) => {
      const altered = this.alter(chunk);
      if (altered instanceof Promise) void this.sendLater(server, client, altered);
      else client.write(altered);
    });
    if (this.isCut) {
      client.pause();
      server.pause();
    }
  }

  private async sendLater(server: Socket, client: Socket, altered: Promise<Buffer>): Promise<void> {
    server.pause();
    client.write(await altered);
    if (!this.isCut) server.resume();
  }

  /** Reads no more from a client until what has passed has had its time. */
  private hold(client: Socket, bytes: number): void {
    const now = performance.now();
    this.busyUntilMs = Math.max(now, this.busyUntilMs) + bytes / this.bytesPerMs;
    if (this.busyUntilMs <= now) return;
    client.pause();
    setTimeout(() => {
      if (!this.isCut) client.resume();
    }, this.busyUntilMs - now);
  }
}
