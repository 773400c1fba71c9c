import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The servers that setup-steps/further-server.mjs fetches, and which of the two that tests start each stands in for. */
const SERVERS = { 'mariadb-11.4': 'mariadb', 'mariadb-11.8': 'mariadb', 'mysql-unstable': 'mysql' } as const;
type Name = keyof typeof SERVERS;
/** How tests are told of another server, and its program. */
const FLAVORS = {
  mariadb: { variable: 'MILLRACE_TEST_MARIADB', program: 'mariadbd' },
  mysql: { variable: 'MILLRACE_TEST_MYSQL', program: 'mysqld' },
} as const;

/** Parts of the paths of the tests that have to do with the binlog. */
const TESTS = ['engine/source/mysql', 'engine/check/binlog', 'integration/binlog', 'integration/maxwell', 'crash/binlog', 'support/mysql'];

const root = join(import.meta.dirname, '../..');

/**
 * Runs the tests of the binlog on further versions of MariaDB and MySQL, one server after the other: all that are known, or those that the
 * arguments name. Other arguments are parts of the paths of tests to run in place of those.
 */
function main(): void {
  const given = process.argv.slice(2);
  const names = given.filter(isName);
  const tests = given.filter((argument) => !isName(argument));
  const failed = (names.length > 0 ? names : Object.keys(SERVERS).filter(isName)).filter(
    (name) => !testOn(name, tests.length > 0 ? tests : TESTS),
  );
  if (failed.length === 0) return;
  process.stdout.write(`\nFAILED on ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

function isName(argument: string): argument is Name {
  return Object.hasOwn(SERVERS, argument);
}

/** Whether all went well. */
function testOn(name: Name, tests: readonly string[]): boolean {
  const directory = fetchServer(name);
  if (directory === null) return false;
  const { mariadb, mysql } = FLAVORS;
  const [own, other] = SERVERS[name] === 'mariadb' ? [mariadb, mysql] : [mysql, mariadb];
  const version = spawnSync(join(directory, 'bin', own.program), ['--no-defaults', '--version'], { encoding: 'utf8' }).stdout;
  process.stdout.write(`\n=== ${name}: ${version}`);
  // Tests of the other server would repeat what `npm test` does: where it is looked for there is none, and they are skipped.
  const nowhere = join(root, '.cache/further-servers/none');
  const env = { ...process.env, [own.variable]: directory, [other.variable]: nowhere, MILLRACE_TEST_NO_SKIP: '' };
  return spawnSync(process.execPath, [join(root, 'dist/scripts/run-tests.js'), ...tests], { stdio: 'inherit', env }).status === 0;
}

/** Its directory; null where it could not be had, which has been told then. */
function fetchServer(name: Name): string | null {
  const script = join(root, 'scripts/setup-steps/further-server.mjs');
  const { status, stdout } = spawnSync(process.execPath, [script, name], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

main();
