import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { certificates } from './certificates.ts';
import { Child } from './child.ts';
import { removeNow } from './cleanup.ts';
import { freePort, onFreePorts } from './ports.ts';
import {
  asUnprivileged,
  giveToServer,
  initialise,
  PASSWORD,
  programPath,
  runProgram,
  SUPERUSER,
  templateDirectory,
  type PostgresVersion,
} from './postgres-install.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** Server settings, as in postgresql.conf, which win over ALTER SYSTEM; null leaves one to the server and to ALTER SYSTEM. */
export type PostgresSettings = Readonly<Record<string, string | number | null>>;

export interface PostgresOptions {
  readonly version: PostgresVersion;
  /** Added to, or put in place of, `DEFAULT_SETTINGS`. */
  readonly settings?: PostgresSettings;
  /** Further arguments of initdb; default UTF8 and locale C. Example: `['--encoding=LATIN1']`. */
  readonly initdb?: readonly string[];
  /**
   * How TCP and socket connections authenticate, replication included. Default trust; the superuser's password is `millrace` either way.
   */
  readonly auth?: 'trust' | 'scram-sha-256';
  /** Lines of pg_hba.conf that go before the one which `auth` makes. */
  readonly hba?: readonly string[];
  /** Offers TLS with the server certificate of `certificates()`, and accepts client certificates of its CA. */
  readonly ssl?: boolean;
  /** Runs initdb instead of copying: a system identifier of its own. All copies of one template share theirs. */
  readonly fresh?: boolean;
  /** Variables of the server's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Without fsync: what tests kill is processes, never the machine. The bench turns it on. */
export const DEFAULT_SETTINGS: PostgresSettings = {
  wal_level: 'logical',
  max_wal_senders: 20,
  max_replication_slots: 20,
  shared_buffers: '32MB',
  fsync: 'off',
  listen_addresses: '127.0.0.1',
  log_min_messages: 'warning',
};

const STOP_SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** Starts a PostgreSQL server with a data directory of its own. It is killed and removed at the latest when this process ends. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const base = tempDir(undefined, 'millrace-pg-');
  const dataDir = join(base, 'data');
  if (options.fresh === true) {
    await initialise(options.version, dataDir, options.initdb ?? []);
  } else {
    await run('cp', ['-a', '--reflink=auto', await templateDirectory(options.version, options.initdb ?? []), dataDir]);
  }
  writeFileSync(join(dataDir, 'pg_hba.conf'), hbaRules(options).join('\n'));
  const ssl = options.ssl === true ? await sslSettings(base) : {};
  await giveToServer(base);
  const settings = { ...DEFAULT_SETTINGS, ...ssl, ...options.settings };
  return await onFreePorts(async () => {
    const server = new PostgresServer(options.version, base, await freePort(), settings, options.environment);
    await server.start();
    return server;
  });
}

function hbaRules(options: PostgresOptions): string[] {
  const auth = options.auth ?? 'trust';
  // `replication` as a database is a keyword that `all` does not include.
  const rules = ['all', 'replication'].flatMap((database) => [
    `local ${database} all ${auth}`,
    `host ${database} all 127.0.0.1/32 ${auth}`,
  ]);
  return [...(options.hba ?? []), ...rules, ''];
}

async function sslSettings(base: string): Promise<PostgresSettings> {
  const { ca, serverCertificate, serverKey } = await certificates();
  const key = join(base, 'server.key');
  copyFileSync(serverKey, key);
  chmodSync(key, 0o600);
  const certificate = join(base, 'server.pem');
  copyFileSync(serverCertificate, certificate);
  const authority = join(base, 'ca.pem');
  copyFileSync(ca, authority);
  return { ssl: 'on', ssl_key_file: key, ssl_cert_file: certificate, ssl_ca_file: authority };
}

/** A running (or stopped) server of `startPostgres`. */
export class PostgresServer {
  readonly version: PostgresVersion;
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Directory of the Unix socket; give it to clients as their host. */
  readonly socketDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #environment: Readonly<Record<string, string>>;
  #settings: PostgresSettings;
  #child: Child | null = null;

  constructor(
    version: PostgresVersion,
    base: string,
    port: number,
    settings: PostgresSettings,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.version = version;
    this.port = port;
    this.socketDir = base;
    this.dataDir = join(base, 'data');
    this.logFile = join(base, 'log');
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Of the postmaster, a direct child of this process. */
  get pid(): number {
    if (this.#child === null) throw new Error('the server is stopped');
    return this.#child.pid;
  }

  /** URL over TCP with the superuser's password. */
  url(database = 'postgres', user: string = SUPERUSER): string {
    return `postgresql://${encodeURIComponent(user)}:${PASSWORD}@${this.host}:${this.port}/${encodeURIComponent(database)}`;
  }

  /** URL over the Unix socket. */
  socketUrl(database = 'postgres', user: string = SUPERUSER): string {
    const host = encodeURIComponent(this.socketDir);
    return `postgresql://${encodeURIComponent(user)}:${PASSWORD}@${host}:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Starts a stopped or killed server on the same port and data; `settings` are added for good. */
  async start(settings: PostgresSettings = {}): Promise<void> {
    if (this.#child !== null && this.#child.exit === null) throw new Error('the server runs already');
    this.#settings = { ...this.#settings, ...settings };
    const places = { port: this.port, unix_socket_directories: this.socketDir };
    const given = Object.entries({ ...this.#settings, ...places }).filter(([, value]) => value !== null);
    const switches = given.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const env = { LC_ALL: 'C', TZ: 'UTC', ...this.#environment };
    const options = { log: this.logFile, cwd: this.dataDir, env, orphanSignal: 'QUIT' } as const;
    const child = new Child(programPath(this.version, 'postgres'), ['-D', this.dataDir, ...switches], options, asUnprivileged().wrapper);
    this.#child = child;
    const ready = async () => child.exit !== null || (await this.#isReady(child.pid));
    await until(ready, { deadlineMs: 60_000, what: () => `PostgreSQL to start:\n${child.logTail()}` });
    if (child.exit !== null) throw new Error(`PostgreSQL ${this.version} ended at once:\n${child.logTail()}`);
  }

  /** Looks where pg_ctl looks: the eighth line of postmaster.pid. Not the log, whose language and level can be set. */
  async #isReady(pid: number): Promise<boolean> {
    const lines = (await readFile(join(this.dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    return lines[0] === String(pid) && ['ready', 'standby'].includes(lines[7]?.trim() ?? '');
  }

  /** Stops the server as `pg_ctl stop -m <mode>` does and waits for its end (60 s). The data stays, for `start`. */
  async stop(mode: keyof typeof STOP_SIGNALS = 'fast'): Promise<void> {
    await this.#child?.wait(STOP_SIGNALS[mode], 60_000);
  }

  /** Kills the postmaster and all its processes with SIGKILL, as a machine would die, and waits until they are gone. */
  async kill9(): Promise<void> {
    if (this.#child === null || this.#child.exit !== null) return;
    const backends = childrenOf(this.pid);
    await this.#child.wait('SIGKILL', 10_000);
    for (const pid of backends) killQuietly(pid);
    await until(() => backends.every(hasEnded), { deadlineMs: 10_000, what: 'the backends to end' });
  }

  /** Ends the server for good and removes its data. */
  async destroy(): Promise<void> {
    await this.stop('immediate');
    removeNow(this.socketDir);
  }

  /** A connected client of its own; end it yourself. */
  async client(database = 'postgres', user: string = SUPERUSER): Promise<pg.Client> {
    const client = new pg.Client({ host: this.host, port: this.port, user, password: PASSWORD, database });
    // A server that is killed breaks idle clients, which must not end the test process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Runs one statement, or several without `values`, on a connection of its own; returns the rows of the (last) one. */
  async query<Row extends pg.QueryResultRow = Record<string, unknown>>(sql: string, values?: unknown[], database?: string): Promise<Row[]> {
    const client = await this.client(database);
    try {
      const result: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(sql, values);
      return (Array.isArray(result) ? result.at(-1) : result).rows;
    } finally {
      await client.end();
    }
  }

  /** Feeds a script to psql, unaligned and without headers, and returns its output. The first failing statement throws. */
  async psql(script: string, database = 'postgres'): Promise<string> {
    const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-', this.socketUrl(database)];
    return await runProgram(this.program('psql'), args, script);
  }

  /** Path of a program of this server's version (`pg_recvlogical`, `pg_resetwal`). Run it with `runProgram`, since several refuse root. */
  program(name: string): string {
    return programPath(this.version, name);
  }

  /** Everything the server logged so far. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}

function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It saw the postmaster's end and left by itself.
  }
}

/** Gone, or dead and waiting for a parent that does not care (a container's first process often reaps nobody). */
function hasEnded(pid: number): boolean {
  try {
    return /^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
