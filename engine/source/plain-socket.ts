import { Socket, type SocketConstructorOpts } from 'node:net';

/** Node.js's type of the options of a socket does not have what its documentation has. */
interface ReadingIntoBuffers extends SocketConstructorOpts {
  readonly onread: { buffer(): Uint8Array; callback(length: number, buffer: Uint8Array): boolean };
}

/** Takes one read. */
export type TakeRead = (bytes: Uint8Array) => void;

/**
 * A TCP socket without TLS that reads into two buffers in turn, so that bulk leaves no garbage: a socket of Node.js takes 64 kB of new
 * memory for each read, and the collections that follow stop every thread for milliseconds.
 *
 * Until somebody takes its reads, it gives `data` events as any socket does. Reading stops at once when it is paused.
 */
export class PlainSocket extends Socket {
  private onRead: TakeRead;

  /** @param readBytes of one read at most */
  constructor(readBytes: number) {
    const buffers = [Buffer.allocUnsafeSlow(readBytes), Buffer.allocUnsafeSlow(readBytes)] as const;
    let turn = 0;
    const options: ReadingIntoBuffers = {
      onread: {
        buffer: () => buffers[(turn ^= 1)]!,
        callback: (length, buffer) => {
          // A full buffer, of which bulk consists, needs no view.
          this.onRead(length === buffer.length ? buffer : buffer.subarray(0, length));
          return true;
        },
      },
    };
    super(options);
    this.onRead = (bytes) => void this.emit('data', Buffer.from(bytes));
  }

  /** From now on each read goes to `take`. Its bytes stay as they are until the read after the next one. */
  takeReads(take: TakeRead): void {
    this.onRead = take;
  }
}
