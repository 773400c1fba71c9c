import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { SocketReader } from '../../../native-bridge/socket-reader.ts';
import { MillraceError } from '../../base/errors.ts';
import { ReadPacer } from './pacing.ts';

/** What takes the bytes of a connection. */
export interface IntakeHandler {
  /** A chunk, which stays as it is while `Intake.setFlowing` says false. Returns whether it was read to its end. */
  receive(chunk: Uint8Array): boolean;
  /** The connection is over. */
  lose(reason: string): void;
}

/** The reading end of a connection, paced so that bulk costs few wake-ups and a trickle no time. */
export interface Intake {
  /** Whether chunks may come. None comes before the first call with true. */
  setFlowing(flows: boolean): void;
  /** No chunk comes any more. */
  close(): void;
}

/** TCP, with or without TLS: the event loop reads, with rests while bulk comes. */
export class SocketIntake implements Intake {
  private readonly socket: Socket;
  private readonly pacer = new ReadPacer();
  private flows = false;
  private isResting = false;

  constructor(socket: Socket, handler: IntakeHandler) {
    this.socket = socket;
    socket.on('data', (chunk: Uint8Array) => {
      const now = performance.now();
      if (handler.receive(chunk)) this.pace(chunk.length, now);
    });
  }

  setFlowing(flows: boolean): void {
    this.flows = flows;
    this.apply();
  }

  close(): void {
    this.flows = false;
  }

  private pace(bytes: number, now: number): void {
    const rest = this.pacer.restAfter(bytes, now);
    // What the socket has read ahead comes first.
    if (rest === 0 || this.socket.readableLength > 0) return;
    this.isResting = true;
    setTimeout(() => {
      this.isResting = false;
      this.apply();
    }, rest);
    this.apply();
  }

  private apply(): void {
    const mayRead = this.flows && !this.isResting;
    if (mayRead === !this.socket.isPaused()) return;
    if (mayRead) this.socket.resume();
    else this.socket.pause();
  }
}

/** Bytes after which other events of the thread have their turn. */
const TURN_BYTES = 262_144;

/** A Unix socket: a native thread reads, because the socket's buffer is too small for an event loop's delays. */
export class LocalIntake implements Intake {
  private readonly handler: IntakeHandler;
  private readonly reader: SocketReader;
  private flows = false;
  private isDue = false;
  private isClosed = false;

  /** @param fd of a socket that nobody else reads */
  constructor(fd: number, handler: IntakeHandler) {
    this.handler = handler;
    this.reader = new SocketReader(fd, () => this.drain());
  }

  setFlowing(flows: boolean): void {
    if (flows && !this.flows) this.drainSoon();
    this.flows = flows;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reader.close();
  }

  private drainSoon(): void {
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.drain();
    });
  }

  private drain(): void {
    let bytes = 0;
    while (this.flows && !this.isClosed) {
      if (bytes >= TURN_BYTES) return this.drainSoon();
      const chunk = this.reader.next();
      if (chunk.length === 0) break;
      bytes += chunk.length;
      this.handler.receive(chunk);
    }
    this.lookAtEnd();
  }

  private lookAtEnd(): void {
    if (this.isClosed) return;
    const reason = this.reader.ended;
    // What is left comes first, unless nobody takes it: then the loss must not wait for that.
    const isOver = this.flows ? reason !== 0 && this.reader.isEmpty : this.reader.isAbandoned;
    if (!isOver) return;
    this.close();
    this.handler.lose(reason > 0 ? `it broke: ${getSystemErrorName(-reason)}` : 'the server closed it');
  }
}

/** What Node.js knows of a socket and does not tell. */
interface Internals {
  readonly _handle: { readonly fd: number; reading: boolean; readStop(): number } | null;
}

/**
 * Takes the reading of a Unix socket away from Node.js, which goes on writing to it. The socket must be idle.
 * @throws MillraceError `CONNECTION_LOST` when it is closed already
 */
export function takeReading(socket: Socket, handler: IntakeHandler): LocalIntake {
  const handle = (socket as unknown as Internals)['_handle'];
  if (handle === null) throw new MillraceError('CONNECTION_LOST', 'the connection ended before it was read');
  socket.pause();
  handle.readStop();
  handle.reading = false;
  return new LocalIntake(handle.fd, handler);
}
