import type { Socket } from 'node:net';
import { binding, fromNative } from './binding.ts';
import { LAYOUT } from './layout.ts';

/** Bytes that are read ahead at most: a walsender's tens of milliseconds, so that it need not wait while rows are encoded. */
const AHEAD_BYTES = 1_048_576;
/** Largest chunk: half a millisecond's work. */
const CHUNK_BYTES_MAX = 131_072;

const NOTHING = new Uint8Array(0);

/**
 * Reads a local stream socket in a native thread (`src/socket_reader.h`), which from now on is the only one to read it; writing stays
 * with the socket's owner.
 */
export class SocketReader {
  private readonly id: number;
  private readonly control = new Int32Array(new SharedArrayBuffer(LAYOUT.SOCKET_WORDS * 4));
  private readonly data = new Uint8Array(new SharedArrayBuffer(AHEAD_BYTES));
  /** Index behind the last chunk that `next` gave. */
  private given = 0;
  private isClosed = false;

  /**
   * @param fd of the socket; duplicated
   * @param onReadable called in this thread when there is something for `next`, and after the end
   */
  constructor(fd: number, onReadable: () => void) {
    try {
      this.id = binding.startSocketReader(fd, this.control, this.data, onReadable);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** The next bytes, which stay as they are until the next call; empty when nothing is there. Gives the chunk before it back. */
  next(): Uint8Array {
    if (this.isClosed) return NOTHING;
    this.giveBack();
    const available = (Atomics.load(this.control, LAYOUT.SOCKET_WRITTEN) - this.given) | 0;
    if (available === 0) return NOTHING;
    const start = this.given & (AHEAD_BYTES - 1);
    const length = Math.min(available, AHEAD_BYTES - start, CHUNK_BYTES_MAX);
    this.given = (this.given + length) | 0;
    return this.data.subarray(start, start + length);
  }

  /** How the socket ended, whether or not everything before was taken: -1 in good order, else the `errno` of a read. 0: not yet. */
  get ended(): number {
    return Atomics.load(this.control, LAYOUT.SOCKET_END);
  }

  /** Whether the other side is known to be gone, though bytes of it may be left to read. */
  get isAbandoned(): boolean {
    return this.ended !== 0 || Atomics.load(this.control, LAYOUT.SOCKET_HUNG_UP) !== 0;
  }

  /** Whether everything that came was taken; once the socket has ended, nothing more comes. */
  get isEmpty(): boolean {
    return Atomics.load(this.control, LAYOUT.SOCKET_WRITTEN) === this.given;
  }

  /** Reads no more; the thread is gone when this returns. */
  close(): void {
    this.isClosed = true;
    binding.closeSocketReader(this.id);
  }

  private giveBack(): void {
    if (Atomics.load(this.control, LAYOUT.SOCKET_READ) === this.given) return;
    Atomics.store(this.control, LAYOUT.SOCKET_READ, this.given);
    if (Atomics.load(this.control, LAYOUT.SOCKET_WAITS) !== 0) binding.resumeSocketReader(this.id);
  }
}

/** What Node.js knows of a socket and does not tell. */
interface Internals {
  readonly _handle: { readonly fd: number; reading: boolean; readStop(): number } | null;
}

/** Takes the reading of a socket away from Node.js, which goes on writing to it. The socket must be idle. Null when it is closed. */
export function takeDescriptor(socket: Socket): number | null {
  const handle = (socket as unknown as Internals)['_handle'];
  if (handle === null) return null;
  socket.pause();
  handle.readStop();
  handle.reading = false;
  return handle.fd;
}

/**
 * Sets the receive buffer of a socket, in place of the kernel's own adjustment.
 * @returns its size now, twice of what was asked for, since it holds the kernel's bookkeeping too; 0 for a socket that is closed
 */
export function setReceiveBuffer(socket: Socket, bytes: number): number {
  const handle = (socket as unknown as Internals)['_handle'];
  return handle === null ? 0 : binding.setReceiveBuffer(handle.fd, bytes);
}
