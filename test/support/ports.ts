import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** Below Linux's ephemeral range, from which any outgoing connection could take the port between our look and its use. */
const FIRST = 12_000;
const LAST = 32_000;

/** A TCP port of 127.0.0.1 on which nothing listens. Drawn at random, so that tests running side by side do not meet. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST}`);
}

const TRIES = 3;
const TAKEN = /address already in use/i;

/**
 * What `start` makes of ports that it draws with `freePort`; once more, with others, when another process took one before it was bound.
 * What it throws must say so, as servers do in their logs.
 */
export async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === TRIES || !TAKEN.test((error as Error).message)) throw error;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether a TCP port of 127.0.0.1 takes connections. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
