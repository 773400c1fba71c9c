import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { TLSSocket, type ConnectionOptions } from 'node:tls';
import mysql from 'mysql2';
import { MillraceError } from '../../base/errors.ts';
import { withDeadline } from '../deadline.ts';
import { READ_BYTES } from '../pacing.ts';
import { PlainSocket } from '../plain-socket.ts';
import { fromConnectionError } from './connection-error.ts';
import { isSocketPath, tlsOptions, upgrade } from './tls.ts';
import { READ_AHEAD_BYTES } from '../tls-parts.ts';
import type { ServerAddress } from '../url-parts.ts';
import type { ConnectionSettings } from './url.ts';

const KEEPALIVE_IDLE_MS = 30_000;
const CLOSE_MS = 2_000;
/** How much longer than connecting an answer may take: a catalogue of many tables is read from its disk. */
const ANSWER_FACTOR = 6;

/** One row of an answer: columns by name, each as the server's text. */
export type AnswerRow = Readonly<Record<string, string | null>>;

/** What `mysql2` has and its types lack. */
interface Internals {
  stream: Socket;
  readonly packetParser: { execute(data: Buffer): void };
  startTLS(onSecure: (error?: Error) => void): void;
  _handleNetworkError(error: Error): void;
}
interface Handshake {
  readonly serverVersion: string;
  readonly connectionId: number;
}

/** An authenticated connection. */
export class Session {
  readonly server: ServerAddress;
  /** The server's number for it, as in its process list. */
  readonly connectionId: number;
  /** As the handshake has it, without the `5.5.5-` that older MariaDB puts before it. */
  readonly serverVersion: string;
  private readonly connection: mysql.Connection;
  private readonly answerMs: number;
  private lostError: MillraceError | null = null;
  private lostListener: ((error: MillraceError) => void) | null = null;
  private isTaken = false;

  /** @param timeoutMs to connect; a multiple of it is the time for an answer */
  constructor(connection: mysql.Connection, server: ServerAddress, { serverVersion, connectionId }: Handshake, timeoutMs: number) {
    this.connection = connection;
    this.answerMs = timeoutMs * ANSWER_FACTOR;
    this.server = server;
    this.connectionId = connectionId;
    this.serverVersion = serverVersion.replace(/^5\.5\.5-(?=.*mariadb)/i, '');
    connection.on('error', (error) => this.lose(error));
    connection.on('end', () => this.lose(new Error('the server closed the connection')));
  }

  /** Whether it runs over a Unix socket, which is read in another way than TCP. */
  get isLocal(): boolean {
    return isSocketPath(this.server.host);
  }

  /** Version of TLS that protects it (`TLSv1.3`); null without TLS. */
  get tlsVersion(): string | null {
    const { stream } = internalsOf(this.connection);
    return stream instanceof TLSSocket ? stream.getProtocol() : null;
  }

  /** Runs a statement, `?` in it standing for `values`. @throws MillraceError what the server's refusal means */
  async query(sql: string, values: readonly (string | number)[] = []): Promise<AnswerRow[]> {
    const what = `${nameOf(this.server)}: ${sql}`;
    const answer = new Promise<AnswerRow[]>((resolve, reject) => {
      this.connection.query({ sql, values: [...values] }, (error: unknown, rows: unknown) => {
        if (error === null) resolve(Array.isArray(rows) ? (rows as AnswerRow[]) : []);
        else reject(fromConnectionError(error, what));
      });
    });
    return await withDeadline(answer, this.answerMs, what);
  }

  /** Calls `listener` once, when the connection ends without `close`, or at once if it has. */
  onLost(listener: (error: MillraceError) => void): void {
    this.lostListener = listener;
    if (this.lostError !== null) listener(this.lostError);
  }

  private lose(error: Error): void {
    if (this.lostError !== null) return;
    const lost = fromConnectionError(error, `the connection to ${nameOf(this.server)} ended`);
    // A connection that worked is lost, whatever broke it; only what the server itself says is more precise.
    const isSaid = lost.details['errno'] !== undefined;
    this.lostError = isSaid ? lost : new MillraceError('CONNECTION_LOST', lost.message, lost.details, { cause: error });
    this.lostListener?.(this.lostError);
  }

  /**
   * Hands over the socket: `mysql2` no longer reads it. Only while the session is idle, so that nothing of an answer is left in its parser.
   * Its listeners for `error` and `close` stay, and are harmless.
   */
  takeSocket(): Socket {
    const socket = internalsOf(this.connection).stream;
    socket.removeAllListeners('data');
    this.isTaken = true;
    return socket;
  }

  /** Ends the session; waits at most two seconds for the server to take note. */
  async close(): Promise<void> {
    this.lostListener = null;
    if (this.isTaken) return void internalsOf(this.connection).stream.destroy();
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.connection.destroy();
        resolve();
      }, CLOSE_MS);
      this.connection.end(() => {
        clearTimeout(late);
        this.connection.destroy();
        resolve();
      });
    });
  }
}

/**
 * Connects and authenticates: the first server of the URL that answers.
 * @throws MillraceError `SERVER_UNREACHABLE`, `CONNECTIONS_EXHAUSTED`, `LOGIN_REFUSED`, `TLS_FAILED`, or what the server's refusal means
 */
export async function openSession(settings: ConnectionSettings): Promise<Session> {
  const failures: MillraceError[] = [];
  for (const server of settings.servers) {
    try {
      return await connect(server, settings);
    } catch (error) {
      const failure = fromConnectionError(error, `cannot connect to ${nameOf(server)}`, { host: server.host, port: server.port });
      failures.push(failure);
      // Another server can help against an absent one; it would refuse the same login again.
      if (failure.code !== 'SERVER_UNREACHABLE' && failure.code !== 'CONNECTIONS_EXHAUSTED') throw failure;
    }
  }
  const [first] = failures;
  if (failures.length === 1) throw first!;
  throw new MillraceError(first!.code, failures.map(({ message }) => message).join('; '));
}

async function connect(server: ServerAddress, settings: ConnectionSettings): Promise<Session> {
  const tls = tlsOptions(server, settings.ssl);
  const password = await passwordOf(settings);
  const connection = mysql.createConnection({
    host: server.host,
    user: settings.user,
    ...(password === null ? {} : { password }),
    // By its presence the logins know whether a password may be shown to the server as it is.
    ...(isSocketPath(server.host) ? { socketPath: server.host } : {}),
    ...(tls === null ? {} : { ssl: {} }),
    stream: () => openSocket(server, tls !== null),
    connectTimeout: settings.timeoutMs,
    charset: 'UTF8MB4_GENERAL_CI',
    // Text as the server sends it: nothing is lost to numbers or dates of JavaScript.
    typeCast: (field) => field.string(),
    disableEval: true,
  });
  if (tls !== null) secure(connection, tls);
  const handshake = await new Promise<Handshake>((resolve, reject) => {
    connection.connect((error: Error | null, greeting?: unknown) => (error === null ? resolve(greeting as Handshake) : reject(error)));
  });
  return new Session(connection, server, handshake, settings.timeoutMs);
}

/** TLS by our own options in place of mysql2's, which compares the certificate of an IP address with `localhost`. */
function secure(connection: mysql.Connection, options: ConnectionOptions): void {
  const internals = internalsOf(connection);
  internals.startTLS = (onSecure) => {
    internals.stream.removeAllListeners('data');
    const secured = upgrade(internals.stream, options, onSecure);
    secured.on('error', (error) => internals['_handleNetworkError'](error));
    secured.on('data', (data: Buffer) => internals.packetParser.execute(data));
    internals.stream = secured;
  };
}

function openSocket(server: ServerAddress, isEncrypted: boolean): Socket {
  if (isSocketPath(server.host)) return new Socket().connect(server.host);
  const socket = isEncrypted
    ? new Socket({ readableHighWaterMark: READ_AHEAD_BYTES } as ConstructorParameters<typeof Socket>[0])
    : new PlainSocket(READ_BYTES);
  socket.once('connect', () => socket.setKeepAlive(true, KEEPALIVE_IDLE_MS));
  return socket.setNoDelay(true).connect(server.port, server.host);
}

async function passwordOf({ secretFile, password }: ConnectionSettings): Promise<string | null> {
  if (secretFile === null) return password;
  try {
    return (await readFile(secretFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const message = `MILLRACE_SOURCE_PASSWORD_FILE: ${secretFile} cannot be read any more: ${(error as Error).message}`;
    throw new MillraceError('LOGIN_REFUSED', message, {}, { cause: error });
  }
}

function internalsOf(connection: mysql.Connection): Internals {
  return connection as unknown as Internals;
}

/** `db.example:3306`, `/run/mysqld/mysqld.sock`. */
export function nameOf(server: ServerAddress): string {
  return isSocketPath(server.host) ? server.host : `${server.host}:${server.port}`;
}
