import type { Socket } from 'node:net';
import { MillraceError } from '../../../base/errors.ts';
import { nameOf, type Session } from '../connection.ts';
import { FrameReader, Message, type FrameHandler, type LargeTurn } from '../framing.ts';
import { openIntake, type Intake, type IntakeHandler } from '../../intake.ts';
import { parseServerError, type ServerErrorFields } from '../server-error.ts';
import { queryMessage, TERMINATE_MESSAGE } from '../standby-status.ts';

/** What takes the rows of one query. */
export interface CopyTaker {
  /** Lines of this query follow, the first or more. False: they cannot be taken now. */
  enter(): boolean;
  /** One line of COPY's text form; valid during the call. False: it cannot be taken now and comes again after `CopyStream.resume`. */
  line(bytes: Uint8Array, start: number, end: number): boolean;
  /** A line of so many bytes is above the limit, and follows in pieces. Throws where there is no dead-letter topic. */
  beginOversize(length: number): void;
  oversizePiece(bytes: Uint8Array, start: number, end: number): void;
  /** False as `line` says it. */
  endOversize(): boolean;
  /** Everything that was given may go on, and none follows for now: called at the end of each read. */
  flush(): void;
  /** The server's error as ours. */
  fail(error: ServerErrorFields): MillraceError;
}

interface Running {
  readonly taker: CopyTaker;
  /** The single value of the last row of an ordinary result, as text; null without one. */
  answer: string | null;
  readonly resolve: (answer: string | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One ordinary connection over which one COPY after the other is read, at the pace of whoever takes the lines. It takes the socket of an
 * idle session, as the stream of the log does (`../stream.ts`), and speaks the simple query protocol.
 */
export class CopyStream implements FrameHandler, IntakeHandler {
  receivedBytes = 0;
  private readonly session: Session;
  private readonly socket: Socket;
  private readonly reader: FrameReader;
  private readonly intake: Intake;
  private running: Running | null = null;
  /** The taker knows that the lines to come are those of this stream. */
  private hasEntered = false;
  private isOver = false;

  /** @param largeTurn among the connections of the snapshot */
  constructor(session: Session, lineBytesMax: number, largeTurn: LargeTurn) {
    this.session = session;
    this.reader = new FrameReader(this, lineBytesMax, largeTurn);
    this.socket = session.takeSocket();
    this.intake = openIntake(this.socket, session.isLocal, this);
    this.socket.on('error', (error) => this.lose(`it broke: ${error.message}`));
    this.socket.on('close', () => this.lose('the server closed it'));
    this.intake.setFlowing(true);
  }

  /**
   * Runs statements of which one is a COPY ... TO STDOUT.
   * @returns the first value of the last row that came as an ordinary result
   * @throws MillraceError of the taker, and `CONNECTION_LOST`
   */
  run(statements: string, taker: CopyTaker): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.running = { taker, answer: null, resolve, reject };
      if (this.isOver) this.lose('it is closed');
      else this.socket.write(queryMessage(statements));
    });
  }

  /** Goes on where the taker had no room, or another connection the turn. */
  resume(): void {
    if (!this.reader.blocked || this.isOver) return;
    this.read(() => this.reader.proceed());
  }

  get isBlocked(): boolean {
    return this.reader.blocked;
  }

  /** Ends the connection at once; what runs is rejected. */
  close(): void {
    if (this.isOver) return;
    this.socket.write(TERMINATE_MESSAGE);
    this.end(new MillraceError('STOPPED', 'the snapshot was told to stop'));
  }

  receive(chunk: Uint8Array): boolean {
    if (this.isOver) return false;
    this.receivedBytes += chunk.length;
    return this.read(() => this.reader.feed(chunk));
  }

  private read(step: () => boolean): boolean {
    let isRead = false;
    this.hasEntered = false;
    // Of the query whose end may be read now.
    const taker = this.running?.taker;
    try {
      isRead = step();
    } catch (error) {
      this.end(error);
    }
    taker?.flush();
    if (!this.isOver) this.intake.setFlowing(!this.reader.blocked);
    return isRead;
  }

  copyData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.enter() && this.running!.taker.line(bytes, start, end);
  }

  message(type: number, bytes: Uint8Array, start: number, end: number): void {
    const { running } = this;
    switch (type) {
      case Message.error:
        throw running!.taker.fail(parseServerError(bytes, start, end));
      case Message.dataRow:
        // Count u16, then the value's length i32.
        running!.answer = Buffer.from(bytes.subarray(start + 6, end)).toString('latin1');
        return;
      case Message.readyForQuery:
        this.running = null;
        running?.resolve(running.answer);
        return;
      case Message.copyOut:
      case Message.copyDone:
      case Message.commandComplete:
      case Message.rowDescription:
      case Message.parameterStatus:
      case Message.notice:
        return;
      default:
        throw new MillraceError('STREAM_PROTOCOL', `The server sent a message of the unknown type ${type} while a table was read.`, {
          type,
        });
    }
  }

  beginOversize(length: number): void {
    this.running!.taker.beginOversize(length);
  }

  oversizePiece(bytes: Uint8Array, start: number, end: number): void {
    this.running!.taker.oversizePiece(bytes, start, end);
  }

  endOversize(): boolean {
    return this.enter() && this.running!.taker.endOversize();
  }

  /** False: lines of this stream cannot be taken now. */
  private enter(): boolean {
    this.hasEntered ||= this.running!.taker.enter();
    return this.hasEntered;
  }

  lose(reason: string): void {
    this.end(new MillraceError('CONNECTION_LOST', `a connection that reads tables, to ${nameOf(this.session.server)}: ${reason}`));
  }

  private end(error: unknown): void {
    if (!this.isOver) {
      this.isOver = true;
      this.intake.close();
      this.socket.destroySoon();
    }
    const { running } = this;
    this.running = null;
    running?.reject(error);
  }
}
