import type { Socket } from 'node:net';
import { MillraceError } from '../../base/errors.ts';
import { openIntake, type Intake, type IntakeHandler } from '../intake.ts';
import { FIRST_OFFSET } from './binlog/event-layout.ts';
import type { BinlogParser } from './binlog/parser.ts';
import { comesInParts } from './binlog/payload-event.ts';
import { nameOf, type Session } from './connection.ts';
import { DumpFlag, dumpCommand, dumpGtidCommand, registerCommand } from './dump-commands.ts';
import { MysqlGtidSet } from './gtid-set.ts';
import { PacketReader, type PacketHandler } from './packet.ts';
import { fromServerError, parseServerError } from './server-error.ts';
import { parseGtidState, type LogPosition } from './trail.ts';

export interface StreamOptions {
  /** A connection as `openReplication` makes it; the stream takes its socket and ends it. */
  readonly session: Session;
  readonly parser: BinlogParser;
  readonly serverId: number;
  /** As the server quotes it, for a GRANT. */
  readonly account: string;
  /** The replica's name in the server's list. */
  readonly replicaName: string;
  /** As `MysqlSourceOptions.exactPlaces`. */
  readonly exactPlaces: boolean;
  /** An event that must be in memory whole and takes more bytes ends the stream with `EVENT_TOO_LARGE`. */
  readonly eventBytesMax: number;
  /** After so long without a byte, heartbeats included, the connection is dead. */
  readonly silenceMs: number;
  /** Called at the end of each read: everything that came is with the parser. */
  readonly afterRead: () => void;
}

/** First byte of a packet. */
const Status = { ok: 0x00, end: 0xfe, error: 0xff } as const;
/** The packet at the end of a dump is shorter than this. */
const END_BYTES = 9;
const TICK_MS = 500;
/**
 * How much longer than it may be silent a server may seek what it was asked for: MariaDB reads the file up to there, which may be one of
 * gigabytes on a slow disk, and sends no heartbeat meanwhile. That it is there at all the side connection tells.
 */
const SEEK_FACTOR = 60;

/**
 * One connection from COM_REGISTER_SLAVE to its end: reads packets, events into the parser, at its own pace.
 *
 *   socket ──data──► PacketReader ──► parser ──► sink
 *             ▲                        │ refused: no room
 *             └── paused ◄─────────────┘ until resume()
 */
export class ReplicationStream implements PacketHandler, IntakeHandler {
  /** Since the connection began. */
  receivedBytes = 0;
  lastReceivedMs: number;
  /** Events have come: what was asked for was granted. */
  hasStreamed = false;
  /** Resolves after `stop`; rejects with what ended the stream. */
  readonly ended: Promise<void>;

  private readonly options: StreamOptions;
  private readonly parser: BinlogParser;
  private readonly socket: Socket;
  private readonly reader: PacketReader;
  private readonly intake: Intake;
  private readonly ticker: NodeJS.Timeout;
  /** Sent when the server has taken note of the replica; null from then on. */
  private command: Uint8Array | null = null;
  /** The parser is to be asked in the next turn. */
  private isDue = false;
  private isHalting = false;
  private isHalted = false;
  private isOver = false;
  private settle: (error: MillraceError | null) => void = () => undefined;

  constructor(options: StreamOptions) {
    this.options = options;
    this.parser = options.parser;
    this.lastReceivedMs = performance.now();
    this.reader = new PacketReader(this, options.eventBytesMax);
    this.ended = new Promise((resolve, reject) => {
      this.settle = (error) => (error === null ? resolve() : reject(error));
    });
    const socket = options.session.takeSocket();
    this.socket = socket;
    // A dump comes in packets of many rows: rests would only halve its rate.
    this.intake = openIntake(socket, options.session.isLocal, this, null);
    socket.on('error', (error) => this.lose(`it broke: ${error.message}`));
    socket.on('close', () => this.lose('the server closed it'));
    this.ticker = setInterval(() => this.tick(), TICK_MS);
  }

  /** Becomes a replica and asks for what comes after `from`. */
  start(from: LogPosition): void {
    const { serverId, replicaName, exactPlaces } = this.options;
    this.command = commandFrom(serverId, from, exactPlaces);
    this.reader.expect(1);
    this.socket.write(registerCommand(serverId, replicaName));
    this.flow();
  }

  /** Goes on where the sink or the catalogue was not ready. */
  resume(): void {
    if (!this.reader.blocked || this.isOver || this.isHalted) return;
    this.guard(() => {
      if (this.parser.resume()) this.goOn();
      this.endRead();
    });
    this.flow();
  }

  /** A long transaction is given in pieces, so that others have their turn. */
  private takeTurns(): void {
    const { parser } = this;
    if (this.isDue || !this.reader.blocked || parser.sinkIsFull || parser.waitsForCatalogue) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      this.resume();
    });
  }

  /** The parser has given what it had: halts there, or reads on. */
  private goOn(): void {
    if (this.isHalting) this.isHalted = true;
    else this.reader.proceed();
  }

  /** Reads no more, from the end of the transaction that the sink is being given on or at once. */
  halt(atOnce: boolean): void {
    this.isHalting = true;
    if (atOnce || !this.reader.blocked) this.isHalted = true;
    this.flow();
  }

  /** Whether reading has come to its end. */
  get hasHalted(): boolean {
    return this.isHalted;
  }

  stop(): void {
    this.end(null);
  }

  /** Ends the stream for a reason found elsewhere. */
  fail(error: MillraceError): void {
    this.end(error);
  }

  packet(bytes: Uint8Array, start: number, end: number): boolean {
    const status = bytes[start];
    if (status === Status.error) throw this.refusalIn(bytes, start + 1, end);
    if (this.command !== null) return this.registered(status);
    if (status === Status.ok) {
      this.hasStreamed = true;
      return this.parser.event(bytes, start + 1, end);
    }
    if (status === Status.end && end - start < END_BYTES) throw lost(this.options.session, 'the server ended the dump: it shuts down');
    throw new MillraceError('STREAM_PROTOCOL', `The server sent a packet of the unknown kind ${status} in the dump.`, {
      status: status ?? -1,
    });
  }

  takesInParts(bytes: Uint8Array, start: number): boolean {
    return bytes[start] === Status.ok && this.command === null && comesInParts(bytes, start + 1);
  }

  part(bytes: Uint8Array, start: number, end: number, isFirst: boolean, isLast: boolean): boolean {
    this.hasStreamed = true;
    return this.parser.part(bytes, isFirst ? start + 1 : start, end, isLast);
  }

  private registered(status: number | undefined): boolean {
    if (status !== Status.ok) throw new MillraceError('STREAM_PROTOCOL', 'The server answered COM_REGISTER_SLAVE with something else.');
    this.reader.expect(1);
    this.socket.write(this.command!);
    this.command = null;
    return true;
  }

  /** Of a replica that is refused both servers say only that access is denied. */
  private refusalIn(bytes: Uint8Array, start: number, end: number): MillraceError {
    const { session } = this.options;
    const refused = fromServerError(parseServerError(bytes, start, end), `the server ended the dump to ${nameOf(session.server)}`);
    if (refused.code !== 'LOGIN_REFUSED' && refused.code !== 'BINLOG_PRIVILEGE') return refused;
    const message = `The account may not read the binary log. Run: GRANT REPLICATION SLAVE ON *.* TO ${this.options.account}; ${refused.message}`;
    return new MillraceError('BINLOG_PRIVILEGE', message, refused.details);
  }

  receive(chunk: Uint8Array): boolean {
    if (this.isOver) return false;
    let isRead = false;
    this.receivedBytes += chunk.length;
    this.lastReceivedMs = performance.now();
    this.guard(() => {
      isRead = this.reader.feed(chunk);
      this.endRead();
    });
    this.flow();
    return isRead;
  }

  private endRead(): void {
    this.parser.flush();
    this.options.afterRead();
    this.takeTurns();
  }

  /** Reads or does not, as the state of everything says. */
  private flow(): void {
    if (this.isOver) return;
    const mayRead = !(this.reader.blocked || this.isHalted);
    if (mayRead === this.intake.isFlowing) return;
    // The silence before was our own.
    if (mayRead) this.lastReceivedMs = Math.max(this.lastReceivedMs, performance.now());
    this.intake.setFlowing(mayRead);
  }

  private tick(): void {
    if (!this.intake.isFlowing) return;
    const silentMs = performance.now() - this.lastReceivedMs;
    const patienceMs = this.options.silenceMs * (this.hasStreamed ? 1 : SEEK_FACTOR);
    if (silentMs >= patienceMs) this.lose(`the server has sent nothing for ${Math.round(silentMs / 1000)} s, not even a heartbeat`);
  }

  lose(reason: string): void {
    this.end(lost(this.options.session, reason));
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.end(error instanceof MillraceError ? error : new MillraceError('INTERNAL', String(error), {}, { cause: error }));
    }
  }

  private end(error: MillraceError | null): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.ticker);
    this.intake.close();
    this.socket.destroy();
    this.settle(error);
  }
}

/** By GTIDs where they are known: MariaDB has been told of them before, as `@slave_connect_state`. */
function commandFrom(serverId: number, from: LogPosition, exactPlaces: boolean): Uint8Array {
  const flags = from.flavor === 'mariadb' && exactPlaces ? DumpFlag.statements : 0;
  const state = parseGtidState(from);
  if (state.isEmpty) return dumpCommand(serverId, from.file, from.offset, flags);
  return state instanceof MysqlGtidSet ? dumpGtidCommand(serverId, state) : dumpCommand(serverId, '', FIRST_OFFSET, flags);
}

function lost(session: Session, reason: string): MillraceError {
  return new MillraceError('CONNECTION_LOST', `the stream from ${nameOf(session.server)}: ${reason}`);
}
