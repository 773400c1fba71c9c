import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { SocketReader, takeDescriptor } from '../../native-bridge/socket-reader.ts';
import { MillraceError } from '../base/errors.ts';
import { ReadPacer } from './pacing.ts';
import { PlainSocket } from './plain-socket.ts';

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

/** TCP: the event loop reads, with rests while bulk comes; without a pacer, as fast as it can. */
abstract class PacedIntake implements Intake {
  isFlowing = false;
  private readonly pacer: ReadPacer | null;
  private isResting = false;

  constructor(pacer: ReadPacer | null) {
    this.pacer = pacer;
  }

  setFlowing(flows: boolean): void {
    this.isFlowing = flows;
    this.apply();
  }

  close(): void {
    this.isFlowing = false;
  }

  protected get mayRead(): boolean {
    return this.isFlowing && !this.isResting;
  }

  /** Whether something was read ahead that comes before a rest. */
  protected get hasMore(): boolean {
    return false;
  }

  /** Rests, if that is due, after so many bytes that came at `now` and were read to their end. */
  protected pace(bytes: number, now: number): void {
    const rest = this.pacer?.restAfter(bytes, now) ?? 0;
    if (rest === 0 || this.hasMore) return;
    this.isResting = true;
    setTimeout(() => {
      this.isResting = false;
      this.apply();
    }, rest);
    this.apply();
  }

  /** Reads or does not, as `mayRead` says. */
  protected abstract apply(): void;
}

/** With TLS, whose stream keeps what it has read ahead. */
class TlsIntake extends PacedIntake {
  private readonly socket: Socket;

  constructor(socket: Socket, handler: IntakeHandler, pacer: ReadPacer | null) {
    super(pacer);
    this.socket = socket;
    socket.on('data', (chunk: Uint8Array) => {
      const now = performance.now();
      if (handler.receive(chunk)) this.pace(chunk.length, now);
    });
  }

  protected override get hasMore(): boolean {
    return this.socket.readableLength > 0;
  }

  protected apply(): void {
    if (this.mayRead === !this.socket.isPaused()) return;
    if (this.mayRead) this.socket.resume();
    else this.socket.pause();
  }
}

/** Without TLS: one read is made ahead while nothing may come, into the other buffer. */
class PlainIntake extends PacedIntake {
  private readonly socket: PlainSocket;
  private readonly handler: IntakeHandler;
  private ahead: Uint8Array | null = null;

  constructor(socket: PlainSocket, handler: IntakeHandler, pacer: ReadPacer | null) {
    super(pacer);
    this.socket = socket;
    this.handler = handler;
    socket.takeReads((chunk) => {
      if (this.mayRead) return this.hand(chunk);
      this.ahead = chunk;
      socket.pause();
    });
  }

  protected apply(): void {
    if (!this.mayRead) return;
    if (this.ahead !== null) setImmediate(() => this.handAhead());
    else if (this.socket.isPaused()) this.socket.resume();
  }

  private handAhead(): void {
    const { ahead } = this;
    if (!this.mayRead || ahead === null) return;
    this.ahead = null;
    this.hand(ahead);
    this.apply();
  }

  private hand(chunk: Uint8Array): void {
    const now = performance.now();
    if (this.handler.receive(chunk)) this.pace(chunk.length, now);
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

/**
 * The way to read a connection that fits its kind. Its socket must be idle; nothing comes before `setFlowing`.
 * @param pacer of TCP; null for a server that sends more than a row at a time by itself
 */
export function openIntake(socket: Socket, isLocal: boolean, handler: IntakeHandler, pacer: ReadPacer | null = new ReadPacer()): Intake {
  if (isLocal) return takeReading(socket, handler);
  return socket instanceof PlainSocket ? new PlainIntake(socket, handler, pacer) : new TlsIntake(socket, handler, pacer);
}
