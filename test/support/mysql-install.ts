import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeNow } from './cleanup.ts';
import { cachedDirectory, cacheRoot } from './paths.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';

/** An installed server of the MySQL family, and how it is talked into starting. */
export interface MysqlDistribution {
  readonly flavor: 'mariadb' | 'mysql';
  /** Directory of the installation, as the server's `basedir`. */
  readonly base: string;
  /** The server program. */
  readonly server: string;
  /** Arguments that every start needs, the making of the data directory included. */
  readonly places: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Debian's MariaDB 10.11. */
export const MARIADB: MysqlDistribution = {
  flavor: 'mariadb',
  base: '/usr',
  server: '/usr/sbin/mariadbd',
  places: ['--basedir=/usr', ...asRoot()],
  environment: {},
};

const MYSQL_BASE = join(cacheRoot, 'mysql-server');

/** MySQL 8.0, which `scripts/setup` fetches by Maven. */
export const MYSQL: MysqlDistribution = {
  flavor: 'mysql',
  base: MYSQL_BASE,
  server: join(MYSQL_BASE, 'bin/mysqld'),
  places: [`--basedir=${MYSQL_BASE}`, `--lc-messages-dir=${MYSQL_BASE}/share`, '--secure-file-priv=', ...asRoot()],
  environment: { LD_LIBRARY_PATH: `${MYSQL_BASE}/lib:${MYSQL_BASE}/lib/private` },
};

/** Both servers refuse to run as root unless they are told so. */
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** Whether the server is there. */
export function isInstalled(distribution: MysqlDistribution): boolean {
  return existsSync(distribution.server);
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
  const { server, places, environment } = distribution;
  if (distribution.flavor === 'mariadb') {
    const authentication = ['--auth-root-authentication-method=normal', '--skip-test-db', `--extra-file=${users}`];
    await run('mariadb-install-db', ['--no-defaults', ...places, `--datadir=${dataDir}`, '--innodb-log-file-size=16M', ...authentication]);
  } else {
    const size = ['--innodb-redo-log-capacity=16M', '--innodb-buffer-pool-size=64M'];
    const args = ['--no-defaults', ...places, `--datadir=${dataDir}`, ...size, '--initialize-insecure', `--init-file=${users}`];
    await run(server, args, { env: environment });
    // It holds the server's UUID: each copy makes one of its own.
    rmSync(join(dataDir, 'auto.cnf'));
  }
}
