import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import type { Code } from '../../base/codes.ts';
import { MillraceError } from '../../base/errors.ts';
import { fromConnectionError } from './connection-error.ts';
import { findPassword } from './passfile.ts';
import { withLimit } from './server-error.ts';
import { READ_BYTES } from '../pacing.ts';
import { PlainSocket } from '../plain-socket.ts';
import { isSocketDirectory, tlsAttempts, type TlsAttempt } from './tls.ts';
import { READ_AHEAD_BYTES } from '../tls-parts.ts';
import type { ServerAddress } from '../url-parts.ts';
import type { ConnectionSettings } from './url.ts';

/**
 * What the text form of values depends on. The server applies start-up options over what ALTER ROLE or ALTER DATABASE ... SET.
 * The timeouts are those that could end a session that does its work.
 */
export const PINNED_SETTINGS = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
} as const;

/** The timeouts that not every version has, and that a start-up option would therefore make an error of. */
const NEVER_TIMED_OUT =
  "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')";

const KEEPALIVE_IDLE_MS = 30_000;
const CLOSE_MS = 2_000;

export interface SessionRequest {
  readonly settings: ConnectionSettings;
  /** A walsender, which also takes SQL in the simple protocol, or an ordinary session. */
  readonly kind: 'replication' | 'query';
  readonly warn: (message: string) => void;
}

/** What `pg` has and its types lack. */
interface Internals {
  readonly connection: { readonly stream: Socket; on(event: 'parameterStatus', listener: (status: ParameterStatus) => void): void };
  readonly processID: number;
}
interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/** An authenticated connection. */
export class Session {
  readonly client: pg.Client;
  readonly server: ServerAddress;
  private readonly parameters: ReadonlyMap<string, string>;
  private readonly internals: Internals;
  private lostError: MillraceError | null = null;
  private lostListener: ((error: MillraceError) => void) | null = null;

  constructor(client: pg.Client, server: ServerAddress, parameters: ReadonlyMap<string, string>) {
    this.client = client;
    this.server = server;
    this.parameters = parameters;
    this.internals = internalsOf(client);
    client.on('error', (error) => this.lose(error));
    client.on('end', () => this.lose(new Error('the server closed the connection')));
  }

  /** The server's process for this session. */
  get processId(): number {
    return this.internals.processID;
  }

  /** A setting that the server reports by itself (`server_version`, `server_encoding`, `TimeZone` ...); empty when it does not. */
  parameter(name: string): string {
    return this.parameters.get(name) ?? '';
  }

  /** Whether it runs over a Unix socket, which is read in another way than TCP. */
  get isLocal(): boolean {
    return isSocketDirectory(this.server.host);
  }

  /** Version of TLS that protects it (`TLSv1.3`); null without TLS. */
  get tlsVersion(): string | null {
    const { stream } = this.internals.connection;
    return stream instanceof TLSSocket ? stream.getProtocol() : null;
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
    this.lostError =
      lost.code === 'SERVER_UNREACHABLE' && lost.details['sqlstate'] === undefined
        ? new MillraceError('CONNECTION_LOST', lost.message, lost.details, { cause: error })
        : lost;
    this.lostListener?.(this.lostError);
  }

  /**
   * Hands over the socket: `pg` no longer reads it. Only while the session is idle, so that nothing of an answer is left in `pg`'s parser.
   * Its listeners for `error` and `close` stay, and are harmless.
   */
  takeSocket(): Socket {
    const socket = this.internals.connection.stream;
    socket.removeAllListeners('data');
    return socket;
  }

  /** Ends the session; waits at most two seconds for the server to take note. */
  async close(): Promise<void> {
    this.lostListener = null;
    const late = setTimeout(() => this.internals.connection.stream.destroy(), CLOSE_MS);
    await this.client.end().catch(() => undefined);
    clearTimeout(late);
  }
}

/** Codes of a server that refuses whoever asks, and however. */
const NO_ANSWER_OR_ROOM: ReadonlySet<Code> = new Set(['SERVER_UNREACHABLE', 'CONNECTIONS_EXHAUSTED', 'WAL_SENDERS_EXHAUSTED']);

/**
 * Connects and authenticates: the first server of the URL that answers and is of the wanted kind, by the first way that `sslmode` allows.
 * @throws MillraceError `SERVER_UNREACHABLE`, `CONNECTIONS_EXHAUSTED`, `WAL_SENDERS_EXHAUSTED`, `LOGIN_REFUSED`, `TLS_FAILED`, or what the
 *   server's refusal means
 */
export async function openSession(request: SessionRequest): Promise<Session> {
  const failures: MillraceError[] = [];
  for (const server of request.settings.servers) {
    const opened = await openAt(server, request);
    if (opened instanceof Session) return opened;
    failures.push(opened);
    // Another server can help against an absent one; it would refuse the same login again.
    if (!NO_ANSWER_OR_ROOM.has(opened.code) && opened.code !== 'SERVER_STANDBY') throw opened;
  }
  const [first] = failures;
  if (failures.length === 1) throw first!;
  throw new MillraceError(first!.code, failures.map(({ message }) => message).join('; '));
}

async function openAt(server: ServerAddress, request: SessionRequest): Promise<Session | MillraceError> {
  let failure: MillraceError | null = null;
  for (const tls of tlsAttempts(server, request.settings.ssl)) {
    try {
      const session = await connect(server, tls, request);
      const mismatch = await judgeKind(session, request.settings);
      if (mismatch !== null) {
        await session.close();
        return mismatch;
      }
      await session.client.query(NEVER_TIMED_OUT);
      return session;
    } catch (error) {
      const refused = fromConnectionError(error, `cannot connect to ${nameOf(server)}`, { host: server.host, port: server.port });
      failure = withLimit(refused, request.kind === 'replication');
      if (NO_ANSWER_OR_ROOM.has(failure.code)) return failure;
    }
  }
  return failure!;
}

async function connect(server: ServerAddress, tls: TlsAttempt, request: SessionRequest): Promise<Session> {
  const { settings } = request;
  const replication = request.kind === 'replication';
  const config = {
    host: server.host,
    port: server.port,
    user: settings.user,
    database: settings.database,
    password: () => passwordFor(server, request),
    ssl: tls === null ? false : Object.assign({ highWaterMark: READ_AHEAD_BYTES }, tls),
    sslnegotiation: settings.ssl.direct && tls !== null ? 'direct' : 'postgres',
    enableChannelBinding: settings.ssl.channelBinding,
    stream: () => openSocket(server, tls),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_IDLE_MS,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    application_name: settings.applicationName,
    options: serverOptions(settings),
    ...(replication ? { replication: 'database' } : {}),
  } satisfies pg.ClientConfig & { replication?: string };
  const client = new pg.Client(config);
  const parameters = new Map<string, string>();
  internalsOf(client).connection.on('parameterStatus', ({ parameterName, parameterValue }) =>
    parameters.set(parameterName, parameterValue),
  );
  // An error before the connection stands rejects `connect`; without a listener the same error would also end the process.
  const ignore = () => undefined;
  client.on('error', ignore);
  await client.connect();
  client.off('error', ignore);
  return new Session(client, server, parameters);
}

function openSocket(server: ServerAddress, tls: TlsAttempt): Socket {
  if (tls === null && !isSocketDirectory(server.host)) return new PlainSocket(READ_BYTES);
  return new Socket({ readableHighWaterMark: READ_AHEAD_BYTES } as ConstructorParameters<typeof Socket>[0]);
}

/** Called when the server asks for a password. */
async function passwordFor(server: ServerAddress, request: SessionRequest): Promise<string> {
  const { settings, kind, warn } = request;
  if (settings.secretFile !== null) return await readSecret(settings.secretFile);
  if (settings.password !== null) return settings.password;
  const place = { server, database: settings.database, user: settings.user, replication: kind === 'replication' };
  const found = await findPassword({ file: settings.passwordFile, ...place, warn });
  if (found !== null) return found;
  const message = `${nameOf(server)} asks for a password: the URL has none, and ${settings.passwordFile} no line for this host, port, database and user`;
  throw new MillraceError('LOGIN_REFUSED', message, { host: server.host, port: server.port, user: settings.user });
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const message = `MILLRACE_SOURCE_PASSWORD_FILE: ${file} cannot be read any more: ${(error as Error).message}`;
    throw new MillraceError('LOGIN_REFUSED', message, {}, { cause: error });
  }
}

function serverOptions(settings: ConnectionSettings): string {
  const pinned = Object.entries(PINNED_SETTINGS).map(([name, value]) => `-c ${name}=${value}`);
  return [settings.options, ...pinned].join(' ').trim();
}

async function judgeKind(session: Session, { sessionKind }: ConnectionSettings): Promise<MillraceError | null> {
  if (sessionKind === 'any') return null;
  const answer = await session.client.query<{ standby: boolean; readonly: string }>(
    "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS readonly",
  );
  const { standby, readonly } = answer.rows[0]!;
  const fits = { primary: !standby, standby, 'read-write': readonly === 'off', 'read-only': readonly === 'on' }[sessionKind];
  if (fits) return null;
  const message = `${nameOf(session.server)} is not what target_session_attrs=${sessionKind} asks for`;
  return new MillraceError('SERVER_STANDBY', message, { host: session.server.host, port: session.server.port });
}

function internalsOf(client: pg.Client): Internals {
  return client as unknown as Internals;
}

/** `db.example:5432`, `/run/postgresql:5432`. */
export function nameOf(server: ServerAddress): string {
  return `${server.host}:${server.port}`;
}
