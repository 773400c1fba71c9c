import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { SocketReader, takeDescriptor } from '../../../native-bridge/socket-reader.ts';
import { MillraceError } from '../../base/errors.ts';
import { ReadPacer } from './pacing.ts';

/** What takes the bytes of a connection. */
export interface IntakeHandler {
  /** A chunk, which stays as it is while `Intake.isFlowing` is false. Returns whether it was read to its end. */
  receive(chunk: Uint8Array): boolean;
  /** The connection is over. */
  lose(reason: string): void;
}

/** The reading end of a connection, paced so that bulk costs few wake-ups and a trickle no time. */
export interface Intake {
  /** Whether chunks may come; false at first. */
  readonly isFlowing: boolean;
  setFlowing(flows: boolean): void;
  /** No chunk comes any more. */
  close(): void;
}

/** TCP, with or without TLS: the event loop reads, with rests while bulk comes. */
export class SocketIntake implements Intake {
  isFlowing = false;
  private readonly socket: Socket;
  private readonly pacer = new ReadPacer();
  private isResting = false;

  constructor(socket: Socket, handler: IntakeHandler) {
    this.socket = socket;
    socket.on('data', (chunk: Uint8Array) => {
      const now = performance.now();
      if (handler.receive(chunk)) this.pace(chunk.length, now);
    });
  }

  setFlowing(flows: boolean): void {
    this.isFlowing = flows;
    this.apply();
  }

  close(): void {
    this.isFlowing = false;
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
    const mayRead = this.isFlowing && !this.isResting;
    if (mayRead === !this.socket.isPaused()) return;
    if (mayRead) this.socket.resume();
    else this.socket.pause();
  }
}

/** Bytes after which other events of the thread have their turn. */
const TURN_BYTES = 262_144;

/** A Unix socket: a native thread reads, because the socket's buffer is too small for an event loop's delays. */
export class LocalIntake implements Intake {
  isFlowing = false;
  private readonly handler: IntakeHandler;
  private readonly reader: SocketReader;
  private isDue = false;
  private isClosed = false;

  /** @param fd of a socket that nobody else reads */
  constructor(fd: number, handler: IntakeHandler) {
    this.handler = handler;
    this.reader = new SocketReader(fd, () => this.drain());
  }

  setFlowing(flows: boolean): void {
    if (flows && !this.isFlowing) this.drainSoon();
    this.isFlowing = flows;
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
    while (this.isFlowing && !this.isClosed) {
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
    const isOver = this.isFlowing ? reason !== 0 && this.reader.isEmpty : this.reader.isAbandoned;
    if (!isOver) return;
    this.close();
    this.handler.lose(reason > 0 ? `it broke: ${getSystemErrorName(-reason)}` : 'the server closed it');
  }
}

/**
 * Reads a Unix socket, which must be idle, in place of Node.js.
 * @throws MillraceError `CONNECTION_LOST` when it is closed already
 */
export function takeReading(socket: Socket, handler: IntakeHandler): LocalIntake {
  const fd = takeDescriptor(socket);
  if (fd === null) throw new MillraceError('CONNECTION_LOST', 'the connection ended before it was read');
  return new LocalIntake(fd, handler);
}

/** The way to read a connection that fits its kind. Its socket must be idle; nothing comes before `setFlowing`. */
export function openIntake(socket: Socket, isLocal: boolean, handler: IntakeHandler): Intake {
  return isLocal ? takeReading(socket, handler) : new SocketIntake(socket, handler);
}
