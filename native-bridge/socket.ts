import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { binding } from './binding.ts';

/** What Node.js knows of a socket and does not tell. */
interface Handle {
  readonly fd: number;
  reading: boolean;
  readStart(): number;
  readStop(): number;
}

/**
 * The reading end of a TCP or Unix socket, which Node.js has opened: taken from it and given back. Writing stays with Node.js all the time.
 * Not for TLS, whose bytes only Node.js can read.
 */
export class SocketReading {
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Null when the socket is closed. */
  private get handle(): Handle | null {
    return (this.socket as unknown as { readonly _handle: Handle | null })['_handle'];
  }

  /** Its file descriptor, for one who reads it while Node.js does not; null when the socket is closed. */
  get descriptor(): number | null {
    return this.handle?.fd ?? null;
  }

  /** From now on Node.js reads nothing and sees no end: no `data` comes, not even for what is there already. */
  take(): void {
    const handle = this.handle;
    if (handle === null) return;
    handle.readStop();
    // Its stream asks for more after each `data`; told that the handle reads, it does not start it again.
    handle.reading = true;
  }

  /** Node.js reads again, and emits `data`, and `end` or `error` when that is what comes. */
  giveBack(): void {
    this.handle?.readStart();
  }

  /**
   * Reads, while the reading is taken, what is there, without waiting and without an allocation. An error is told once, so it ends the
   * socket here, with its `error` and `close`; the end of the stream is left for Node.js to find.
   * @returns bytes read into `buffer` from its start on; 0 when there is nothing, or nothing will come any more
   */
  read(buffer: Uint8Array): number {
    const handle = this.handle;
    if (handle === null) return 0;
    const bytes = binding.readSocket(handle.fd, buffer);
    if (bytes >= 0) return bytes;
    const name = getSystemErrorName(bytes);
    if (name !== 'EAGAIN') this.socket.destroy(new Error(`read ${name}`));
    return 0;
  }
}

/** Takes the reading of a socket, which must be idle, for good. Returns its descriptor; null when it is closed. */
export function takeDescriptor(socket: Socket): number | null {
  const reading = new SocketReading(socket);
  reading.take();
  return reading.descriptor;
}
