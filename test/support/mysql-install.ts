import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeNow } from './cleanup.ts';
import { cachedDirectory, cacheRoot } from './paths.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';

/** An installed server of the MySQL family, and how it is talked into starting. */
export interface MysqlDistribution {
  readonly flavor: 'mariadb' | 'mysql';
  /** Its directory. */
  readonly base: string;
  /** The server program. */
  readonly server: string;
  /** Program that makes the data directory; null for a server that does it itself. */
  readonly installer: string | null;
  /** Arguments that every start needs, the making of the data directory included. */
  readonly places: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Debian's MariaDB 10.11, or the one whose directory `MILLRACE_TEST_MARIADB` names. */
export const MARIADB: MysqlDistribution = mariadbAt(process.env['MILLRACE_TEST_MARIADB'] ?? '/usr');

/** MySQL 8.0, which `scripts/setup` fetches by Maven, or the one whose directory `MILLRACE_TEST_MYSQL` names. */
export const MYSQL: MysqlDistribution = mysqlAt(process.env['MILLRACE_TEST_MYSQL'] ?? join(cacheRoot, 'mysql-server'));

/** `base` is the installation's directory, as the server's `basedir`. */
function mariadbAt(base: string): MysqlDistribution {
  return {
    flavor: 'mariadb',
    base,
    server: firstOf(join(base, 'sbin/mariadbd'), join(base, 'bin/mariadbd')),
    installer: firstOf(join(base, 'bin/mariadb-install-db'), join(base, 'scripts/mariadb-install-db')),
    places: [`--basedir=${base}`, ...asRoot()],
    environment: {},
  };
}

function mysqlAt(base: string): MysqlDistribution {
  return {
    flavor: 'mysql',
    base,
    server: join(base, 'bin/mysqld'),
    installer: null,
    places: [`--basedir=${base}`, `--lc-messages-dir=${base}/share`, '--secure-file-priv=', ...asRoot()],
    environment: { LD_LIBRARY_PATH: `${base}/lib:${base}/lib/private` },
  };
}

/** The first of these files that exists; else the first. */
function firstOf(...paths: readonly [string, ...string[]]): string {
  return paths.find((path) => existsSync(path)) ?? paths[0];
}

/** Both servers refuse to run as root unless they are told so. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** Whether the server is there. */
export function isInstalled(distribution: MysqlDistribution): boolean {
  return existsSync(distribution.server);
}

/** The value for a test's `skip` option: false when the server came with a file among its plug-ins, else the reason. */
export function withoutPlugin({ flavor, base }: MysqlDistribution, file: string): string | false {
  const isThere = ['lib/mysql/plugin', 'lib/plugin'].some((directory) => existsSync(join(base, directory, file)));
  return isThere ? false : `this ${flavor} came without the plug-in ${file}`;
}

/** Who may do all, without a password, beside `root@localhost`: servers without name resolution do not know the latter on TCP. */
export const ADMIN = 'root';
/** Who may read the binlog and all tables. */
export const REPLICA = 'millrace';
export const REPLICA_PASSWORD = 'millrace';

/** One statement a line: that is how both servers read them. */
const USERS = [
  'FLUSH PRIVILEGES;',
  `CREATE USER ${ADMIN}@'%';`,
  `GRANT ALL ON *.* TO ${ADMIN}@'%' WITH GRANT OPTION;`,
  `CREATE USER ${REPLICA}@'%' IDENTIFIED BY '${REPLICA_PASSWORD}';`,
  `GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ${REPLICA}@'%';`,
  '',
].join('\n');

/** An initialised data directory in the cache, to be copied. */
export async function templateDirectory(distribution: MysqlDistribution): Promise<string> {
  const version = await run(distribution.server, ['--no-defaults', '--version'], { env: distribution.environment });
  const release = /Ver ([\w.]+)/.exec(version)?.[1];
  return await cachedDirectory(`${distribution.flavor}/${release}`, async (path) => {
    // Not made in place: paths that are as long as a project's could be are too long for a socket.
    const base = tempDir(undefined, 'millrace-my-init-');
    await initialise(distribution, join(base, 'data'));
    await run('cp', ['-a', `${base}/data/.`, path]);
    removeNow(base);
  });
}

async function initialise(distribution: MysqlDistribution, dataDir: string): Promise<void> {
  const users = `${dataDir}.users.sql`;
  writeFileSync(users, USERS);
  const { server, installer, places, environment } = distribution;
  if (installer !== null) {
    const authentication = ['--auth-root-authentication-method=normal', '--skip-test-db', `--extra-file=${users}`];
    await run(installer, ['--no-defaults', ...places, `--datadir=${dataDir}`, '--innodb-log-file-size=16M', ...authentication]);
  } else {
    const size = ['--innodb-redo-log-capacity=16M', '--innodb-buffer-pool-size=64M'];
    const args = ['--no-defaults', ...places, `--datadir=${dataDir}`, ...size, '--initialize-insecure', `--init-file=${users}`];
    await run(server, args, { env: environment });
    // It holds the server's UUID: each copy makes one of its own.
    rmSync(join(dataDir, 'auto.cnf'));
  }
}
