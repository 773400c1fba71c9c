import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { flinkJars, kafkaJars, oldestKafkaJars } from './jars.ts';
import { isInstalled, MARIADB, MYSQL } from './mysql-install.ts';
import { serverBin } from './postgres-install.ts';

/** What a test may need and a machine may lack. `scripts/setup test` brings all of it, as root. */
const REQUIREMENTS = {
  faketime: () => runs('faketime', '--version'),
  flink: () => runs('java', '-version') && existsSync(flinkJars),
  java: () => runs('java', '-version'),
  kafka: () => runs('java', '-version') && existsSync(kafkaJars),
  'kafka-oldest': () => runs('java', '-version') && existsSync(oldestKafkaJars),
  kerberos: () => runs('klist', '-V') && existsSync('/usr/sbin/krb5kdc'),
  kcat: () => runs('kcat', '-V'),
  mariadb: () => isInstalled(MARIADB),
  mysql: () => isInstalled(MYSQL),
  'postgres-14': () => existsSync(join(serverBin('14'), 'postgres')),
  'postgres-15': () => existsSync(join(serverBin('15'), 'postgres')),
  'postgres-16': () => existsSync(join(serverBin('16'), 'postgres')),
  'postgres-17': () => existsSync(join(serverBin('17'), 'postgres')),
  'postgres-18': () => existsSync(join(serverBin('18'), 'postgres')),
  postgis: () => existsSync('/usr/share/postgresql/15/extension/postgis.control'),
  chromium: () => runs('chromium', '--version'),
  prometheus: () => runs('prometheus', '--version'),
  promtool: () => runs('promtool', '--version'),
  python: () => runs('python3', '--version'),
  'systemd-analyze': () => runs('systemd-analyze', '--version'),
  root: () => process.getuid?.() === 0,
} satisfies Record<string, () => boolean>;

function runs(command: string, argument: string): boolean {
  return spawnSync(command, [argument]).status === 0;
}

export type Requirement = keyof typeof REQUIREMENTS;

const known = new Map<Requirement, boolean>();

/**
 * The value for a test's `skip` option: false when everything is there, else the reason. The test run counts the skipped
 * tests and prints each reason at its end; with `MILLRACE_TEST_NO_SKIP=1`, as in CI, a missing part fails the test instead.
 */
export function skipUnless(...needed: readonly Requirement[]): string | false {
  const missing = needed.filter((requirement) => !isThere(requirement));
  if (missing.length === 0 || process.env['MILLRACE_TEST_NO_SKIP'] === '1') return false;
  return `${missing.join(', ')} cannot be had here; sh scripts/setup test says what to install`;
}

function isThere(requirement: Requirement): boolean {
  let there = known.get(requirement);
  if (there === undefined) {
    there = REQUIREMENTS[requirement]();
    known.set(requirement, there);
  }
  return there;
}
