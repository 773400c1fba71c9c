import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { certificates } from './certificates.ts';
import { Child } from './child.ts';
import { removeNow } from './cleanup.ts';
import { ADMIN, REPLICA, REPLICA_PASSWORD, templateDirectory, type MysqlDistribution } from './mysql-install.ts';
import { freePort, onFreePorts } from './ports.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** Server options by their names on the command line (`binlog-row-image`); null leaves one to the server. */
export type MysqlSettings = Readonly<Record<string, string | number | null>>;

export interface MysqlOptions {
  /** Added to, or put in place of, the default settings. */
  readonly settings?: MysqlSettings;
  /** Offers TLS with the server certificate of `certificates()`, and accepts client certificates of its CA. */
  readonly ssl?: boolean;
  /** Data directory of a stopped server that is copied, in place of an empty one. */
  readonly copyOf?: string;
  /** Files that are put into the data directory, by their names. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables of the server's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Row of an answer, by column name. */
export type MysqlRow = Record<string, unknown>;

/** Commits reach the operating system, not the disk: what tests kill is processes, never the machine. The bench turns both on. */
const COMMON_SETTINGS: MysqlSettings = {
  'server-id': 1,
  'log-bin': 'binlog',
  'binlog-format': 'ROW',
  'binlog-row-image': 'FULL',
  'binlog-row-metadata': 'FULL',
  'character-set-server': 'utf8mb4',
  'default-time-zone': '+00:00',
  'bind-address': '127.0.0.1',
  'innodb-flush-log-at-trx-commit': 2,
  'sync-binlog': 0,
  'performance-schema': 'OFF',
};

const FLAVOR_SETTINGS = {
  mariadb: {
    // From 11.4 on it would make itself a certificate at each start, which takes seconds.
    ssl: 'OFF',
    'gtid-domain-id': 0,
    'gtid-strict-mode': 'ON',
    'log-slave-updates': 'ON',
    'innodb-buffer-pool-size': '32M',
    'innodb-log-file-size': '16M',
  },
  mysql: {
    'gtid-mode': 'ON',
    'enforce-gtid-consistency': 'ON',
    mysqlx: 'OFF',
    'innodb-buffer-pool-size': '64M',
    'innodb-redo-log-capacity': '16M',
  },
} satisfies Record<MysqlDistribution['flavor'], MysqlSettings>;

/** Starts a server with a data directory of its own. It is killed and removed at the latest when this process ends. */
export async function startMysqlServer(distribution: MysqlDistribution, options: MysqlOptions = {}): Promise<MysqlServer> {
  const base = tempDir(undefined, 'millrace-my-');
  const data = options.copyOf ?? (await templateDirectory(distribution));
  await run('cp', ['-a', '--reflink=auto', data, join(base, 'data')]);
  if (distribution.flavor === 'mysql') rmSync(join(base, 'data/auto.cnf'), { force: true });
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(join(base, 'data', name), content);
  mkdirSync(join(base, 'tmp'));
  const ssl = options.ssl === true ? await sslSettings(distribution.flavor) : {};
  const settings = { ...COMMON_SETTINGS, ...FLAVOR_SETTINGS[distribution.flavor], ...ssl, ...options.settings };
  return await onFreePorts(async () => {
    const server = new MysqlServer(distribution, base, await freePort(), settings, options.environment);
    await server.start();
    return server;
  });
}

async function sslSettings(flavor: MysqlDistribution['flavor']): Promise<MysqlSettings> {
  const { ca, serverCertificate, serverKey } = await certificates();
  return { ...(flavor === 'mariadb' ? { ssl: 'ON' } : {}), 'ssl-ca': ca, 'ssl-cert': serverCertificate, 'ssl-key': serverKey };
}

/** A running (or stopped) server of `startMariadb` or `startMysql`. */
export class MysqlServer {
  readonly flavor: MysqlDistribution['flavor'];
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly socketPath: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly #distribution: MysqlDistribution;
  readonly #base: string;
  readonly #environment: Readonly<Record<string, string>>;
  #settings: MysqlSettings;
  #child: Child | null = null;

  constructor(
    distribution: MysqlDistribution,
    base: string,
    port: number,
    settings: MysqlSettings,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.flavor = distribution.flavor;
    this.port = port;
    this.socketPath = join(base, 's.sock');
    this.dataDir = join(base, 'data');
    this.logFile = join(base, 'log');
    this.#distribution = distribution;
    this.#base = base;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Of the server, a direct child of this process. */
  get pid(): number {
    if (this.#child === null) throw new Error('the server is stopped');
    return this.#child.pid;
  }

  /** URL over TCP of the user that may read the binlog, or of another one. */
  url(user: string = REPLICA, password: string = REPLICA_PASSWORD): string {
    const login = password === '' ? encodeURIComponent(user) : `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
    return `${this.flavor}://${login}@${this.host}:${this.port}`;
  }

  /** Starts a stopped or killed server on the same port and data; `settings` are added for good. */
  async start(settings: MysqlSettings = {}): Promise<void> {
    if (this.#child !== null && this.#child.exit === null) throw new Error('the server runs already');
    this.#settings = { ...this.#settings, ...settings };
    const { places, environment, server: program } = this.#distribution;
    // A server that starts removes the temporary tables of all that share its directory for them.
    const own = [`--datadir=${this.dataDir}`, `--tmpdir=${this.#base}/tmp`, `--pid-file=${this.#base}/pid`];
    const paths = [...own, `--socket=${this.socketPath}`, `--port=${this.port}`];
    const given = Object.entries(this.#settings).filter(([, value]) => value !== null);
    const switches = given.map(([name, value]) => `--${name}=${value}`);
    const env = { LC_ALL: 'C', TZ: 'UTC', ...environment, ...this.#environment };
    // MySQL leaves its lock behind when it is killed, and its process number may belong to another process by now.
    rmSync(`${this.socketPath}.lock`, { force: true });
    const args = ['--no-defaults', ...places, ...paths, ...switches];
    const child = new Child(program, args, { log: this.logFile, cwd: this.#base, env, orphanSignal: 'KILL' });
    this.#child = child;
    const ready = async () => child.exit !== null || (await this.#isReady());
    await until(ready, { deadlineMs: 60_000, what: () => `${this.flavor} to start:\n${child.logTail()}` });
    if (child.exit !== null) throw new Error(`${this.flavor} ended at once:\n${child.logTail()}`);
  }

  async #isReady(): Promise<boolean> {
    const connection = await createConnection({ user: ADMIN, socketPath: this.socketPath });
    await connection.end();
    return true;
  }

  /** Shuts the server down and waits for its end (60 s). The data stays, for `start`. */
  async stop(): Promise<void> {
    await this.#child?.wait('SIGTERM', 60_000);
  }

  /** Kills the server with SIGKILL, and waits until it is gone. */
  async kill9(): Promise<void> {
    await this.#child?.wait('SIGKILL', 10_000);
  }

  /** Ends the server for good and removes its data. */
  async destroy(): Promise<void> {
    await this.kill9();
    removeNow(this.#base);
  }

  /** A connected client of its own, whose dates are text; end it yourself. It may do all, unless `options` name another user. */
  async client(options: ConnectionOptions = {}): Promise<Connection> {
    const login = { host: this.host, port: this.port, user: ADMIN };
    const connection = await createConnection({ ...login, charset: 'utf8mb4', dateStrings: true, multipleStatements: true, ...options });
    // A server that is killed breaks idle clients, which must not end the test process.
    connection.on('error', () => undefined);
    return connection;
  }

  /** Runs one statement, or several without `values`, on a connection of its own; returns the rows of the (last) one that has any. */
  async query<Row extends object = MysqlRow>(sql: string, values: unknown[] = [], database?: string): Promise<Row[]> {
    const connection = await this.client(database === undefined ? {} : { database });
    try {
      const [answer] = await connection.query(sql, values);
      return rowsOf<Row>(answer);
    } finally {
      await connection.end();
    }
  }

  /** Paths of the binlog files, oldest first. */
  binlogs(): string[] {
    const names = readdirSync(this.dataDir).filter((name) => /^binlog\.\d+$/.test(name));
    return names.sort().map((name) => join(this.dataDir, name));
  }

  /** Everything the server logged so far. */
  log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}

/** Several statements answer with a list of lists; those without rows with an object. */
function rowsOf<Row>(answer: unknown): Row[] {
  if (!Array.isArray(answer)) return [];
  const lists = answer.filter((part) => Array.isArray(part));
  return (lists.length > 0 ? lists.at(-1) : answer.filter((part) => (part as object).constructor.name !== 'ResultSetHeader')) as Row[];
}
