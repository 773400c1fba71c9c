import type { Socket } from 'node:net';
import { MillraceError } from '../../base/errors.ts';
import type { SourceEvents } from '../source.ts';
import { fromConnectionError } from './connection-error.ts';
import { nameOf, type Session } from './connection.ts';
import { FrameReader, Message, type FrameHandler } from './framing.ts';
import { openIntake, type Intake, type IntakeHandler } from '../intake.ts';
import { judgeSilence, statusIntervalMs } from './liveness.ts';
import { formatLsn, type Lsn } from './lsn.ts';
import type { PgoutputParser } from './pgoutput.ts';
import { fromServerError, parseServerError } from './server-error.ts';
import { COPY_DONE_MESSAGE, queryMessage, TERMINATE_MESSAGE } from './standby-status.ts';
import { StatusSender } from './status-sender.ts';
import { narrowWindow } from './window.ts';

export interface StreamOptions {
  /** An idle replication connection; the stream takes its socket and ends it. */
  readonly session: Session;
  readonly parser: PgoutputParser;
  readonly slot: string;
  readonly publication: string;
  readonly frameBytesMax: number;
  /** The server's `wal_sender_timeout`. */
  readonly walSenderTimeoutMs: number;
  /** Confirmed before this connection; the first status says so. */
  readonly flushed: Lsn;
  /** Looks, by another connection, whether the server's process for this one still lives. Asked when the server is silent. */
  readonly probe: () => Promise<boolean>;
  readonly events: SourceEvents;
}

/** Idle points closer together than this are told as one. */
const IDLE_GAP_MS = 100;
const TICK_MS_MAX = 500;
/** For the server to end the stream when we ask for it; it may first finish a transaction. */
const GOODBYE_MS = 5_000;

/**
 * One replication connection from START_REPLICATION to its end: reads frames into the parser at its own pace, and keeps the server informed
 * by timer, whether or not it reads.
 *
 *   socket ──data──► FrameReader ──► parser ──► sink
 *             ▲                        │ refused: no room, or the catalogue is asked
 *             └── paused ◄─────────────┘ until resume()
 *   timer ──► status (written, flushed) ──► socket
 */
export class ReplicationStream implements FrameHandler, IntakeHandler {
  /** Since the connection began. */
  receivedBytes = 0;
  lastReceivedMs: number;
  /** Resolves after `stop`; rejects with what ended the stream. */
  readonly ended: Promise<void>;

  private readonly options: StreamOptions;
  private readonly parser: PgoutputParser;
  private readonly socket: Socket;
  private readonly reader: FrameReader;
  private readonly intake: Intake;
  private readonly intervalMs: number;
  private readonly ticker: NodeJS.Timeout;
  private readonly status: StatusSender;
  private lastIdleMs = 0;
  /** Read to the end of the open transaction, then no more. */
  private isHalting = false;
  private isHalted = false;
  /** Everything that still comes is thrown away: we have asked for the end. */
  private isLeaving = false;
  private isOver = false;
  private isProbing = false;
  private hasToldOfSilence = false;
  private settle: (error: MillraceError | null) => void = () => undefined;

  constructor(options: StreamOptions) {
    this.options = options;
    this.parser = options.parser;
    this.lastReceivedMs = performance.now();
    this.intervalMs = statusIntervalMs(options.walSenderTimeoutMs);
    this.reader = new FrameReader(this, options.frameBytesMax);
    this.ended = new Promise((resolve, reject) => {
      this.settle = (error) => (error === null ? resolve() : reject(error));
    });
    const socket = options.session.takeSocket();
    this.socket = socket;
    this.status = new StatusSender(socket, options.parser, options.flushed);
    narrowWindow(socket);
    this.intake = openIntake(socket, options.session.isLocal, this);
    socket.on('error', (error) => this.lose(`it broke: ${error.message}`));
    socket.on('close', () => this.lose('the server closed it'));
    this.ticker = setInterval(() => this.tick(), Math.min(this.intervalMs, TICK_MS_MAX));
  }

  /** Sends START_REPLICATION; the server goes on after the last transaction that ends at or before `from`. */
  start(from: Lsn): void {
    const slot = this.options.slot.replaceAll('"', '""');
    // A list of identifiers within a string literal.
    const publications = `"${this.options.publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    const settings = `proto_version '1', publication_names '${publications}', messages 'false'`;
    this.socket.write(queryMessage(`START_REPLICATION SLOT "${slot}" LOGICAL ${formatLsn(from.high, from.low)} (${settings})`));
    this.flow();
  }

  /** Goes on where the sink or the catalogue was not ready. */
  resume(): void {
    if (!this.reader.blocked || this.isOver || this.isHalted) return;
    this.guard(() => {
      const isRead = this.reader.proceed();
      this.parser.flush();
      if (isRead) this.afterRead();
    });
    this.flow();
  }

  /** Reads no more, from the end of the open transaction on or at once. Status messages go on. */
  halt(atOnce: boolean): void {
    this.isHalting = true;
    if (atOnce || this.parser.isBetweenTransactions) this.isHalted = true;
    this.flow();
  }

  /** Whether reading has come to its end. */
  get hasHalted(): boolean {
    return this.isHalted;
  }

  /** Has the server tell how far it is, which it does unasked only with changes. */
  askForPlace(): void {
    this.status.send(true);
  }

  /** Everything up to here is delivered and stored. */
  acknowledge(lsn: Lsn): void {
    this.status.acknowledge(lsn);
  }

  /** Confirms what is acknowledged and ends the stream in good order, so that the server has read the confirmation. */
  async stop(): Promise<void> {
    if (this.isOver) return;
    this.status.send(false);
    this.status.close();
    this.isLeaving = true;
    this.socket.write(COPY_DONE_MESSAGE);
    if (this.reader.blocked) this.guard(() => void this.reader.proceed());
    this.flow();
    const late = setTimeout(() => this.end(null), GOODBYE_MS);
    await this.ended.catch(() => undefined);
    clearTimeout(late);
  }

  /** Ends the stream for a reason found elsewhere. */
  fail(error: MillraceError): void {
    this.end(error);
  }

  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.isLeaving) return true;
    if (this.isHalting && this.parser.isBetweenTransactions) {
      this.isHalted = true;
      return false;
    }
    return this.parser.copyData(bytes, start, end);
  }

  beginOversize(length: number): void {
    if (!this.isLeaving) this.parser.beginOversize(length);
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    if (!this.isLeaving) this.parser.oversizePiece(bytes, start, end);
  }

  endOversize(): boolean {
    return this.isLeaving || this.parser.endOversize();
  }

  message(type: number, bytes: Uint8Array, start: number, end: number): void {
    switch (type) {
      case Message.error:
        throw fromServerError(parseServerError(bytes, start, end), `the server ended the stream of the slot ${this.options.slot}`);
      case Message.notice:
        this.options.events.info(`the server says: ${parseServerError(bytes, start, end).message}`);
        return;
      case Message.copyBoth:
      case Message.parameterStatus:
      case Message.commandComplete:
        return;
      case Message.copyDone:
        if (!this.isLeaving) this.socket.write(COPY_DONE_MESSAGE);
        return;
      case Message.readyForQuery:
        this.leave();
        return;
      default:
        throw new MillraceError('STREAM_PROTOCOL', `The server sent a message of the unknown type ${type} in the stream.`, { type });
    }
  }

  /** The server has ended the stream: because we asked for it, or because it shuts down. */
  private leave(): void {
    this.socket.write(TERMINATE_MESSAGE);
    if (this.isLeaving) this.end(null);
    else this.lose('the server ended the stream');
  }

  receive(chunk: Uint8Array): boolean {
    if (this.isOver) return false;
    let isRead = false;
    this.receivedBytes += chunk.length;
    this.lastReceivedMs = performance.now();
    this.hasToldOfSilence = false;
    this.guard(() => {
      isRead = this.reader.feed(chunk);
      this.parser.flush();
      if (isRead) this.afterRead();
    });
    this.flow();
    return isRead;
  }

  /** The chunk is read to its end. */
  private afterRead(): void {
    const now = this.lastReceivedMs;
    if (this.parser.replyRequested) {
      this.parser.replyRequested = false;
      this.status.send(false);
    }
    if (now - this.lastIdleMs >= IDLE_GAP_MS) this.reportIdle(now);
  }

  private reportIdle(now: number): void {
    this.lastIdleMs = now;
    this.parser.reportIdle();
  }

  /** Reads or does not, as the state of everything says. */
  private flow(): void {
    if (this.isOver) return;
    const mayRead = this.isLeaving || !(this.reader.blocked || this.isHalted);
    if (mayRead === this.intake.isFlowing) return;
    // The silence before was our own.
    if (mayRead) this.lastReceivedMs = Math.max(this.lastReceivedMs, performance.now());
    this.intake.setFlowing(mayRead);
  }

  private tick(): void {
    const now = performance.now();
    if (!this.reader.blocked && !this.isHalted) {
      this.guard(() => this.reportIdle(now));
      this.judgeSilence(now);
    }
    const isSilent = judgeSilence(now - this.lastReceivedMs, this.intervalMs) !== 'wait';
    if (now - this.status.lastMs >= this.intervalMs) this.status.send(isSilent);
  }

  private judgeSilence(now: number): void {
    const silentMs = now - this.lastReceivedMs;
    if (this.isProbing || judgeSilence(silentMs, this.intervalMs) !== 'probe') return;
    this.isProbing = true;
    void this.lookAtServer(Math.round(silentMs / 1000));
  }

  private async lookAtServer(silentSeconds: number): Promise<void> {
    try {
      const isAlive = await this.options.probe();
      const silence = `the server has sent nothing for ${silentSeconds} s`;
      if (!isAlive) this.lose(`${silence}, and its process for the stream is gone`);
      else if (!this.hasToldOfSilence) {
        this.hasToldOfSilence = true;
        this.options.events.info(`${silence}: its process is there and busy, probably with changes that are not published`);
      }
    } catch (error) {
      this.end(fromConnectionError(error, 'the server is silent and cannot be asked why'));
    } finally {
      this.isProbing = false;
    }
  }

  lose(reason: string): void {
    const message = `the stream from ${nameOf(this.options.session.server)}: ${reason}`;
    this.end(this.isLeaving ? null : new MillraceError('CONNECTION_LOST', message));
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.isLeaving) this.end(null);
      else this.end(error instanceof MillraceError ? error : new MillraceError('INTERNAL', String(error), {}, { cause: error }));
    }
  }

  private end(error: MillraceError | null): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.ticker);
    this.status.close();
    this.intake.close();
    this.socket.destroy();
    this.settle(error);
  }
}
