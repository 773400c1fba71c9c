import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { note, progress, runLogged, SetupError } from './report.mjs';

/** Multiarch directory of headers, `x86_64-linux-gnu` for instance. */
const TRIPLET = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch] ?? '';

const command = (name) => () => (process.env.PATH ?? '').split(delimiter).some((directory) => isExecutable(join(directory, name)));
const header = (name) => () => [join('/usr/include', name), join('/usr/include', TRIPLET, name)].some((path) => existsSync(path));
const file = (path) => () => existsSync(path);

/**
 * Debian's packages, how their presence is seen (on other systems they have other names), and what they are for.
 * Without those for `build` nothing works; without the others the demo uses an embedded broker and some tests are skipped.
 */
const PACKAGES = [
  { name: 'g++', present: command('g++'), use: 'build' },
  { name: 'make', present: command('make'), use: 'build' },
  { name: 'python3', present: command('python3'), use: 'build' },
  { name: 'pkg-config', present: command('pkg-config'), use: 'build' },
  { name: 'libssl-dev', present: header('openssl/ssl.h'), use: 'build' },
  { name: 'libsasl2-dev', present: header('sasl/sasl.h'), use: 'build' },
  { name: 'libcurl4-openssl-dev', present: header('curl/curl.h'), use: 'build' },
  { name: 'libzstd-dev', present: header('zstd.h'), use: 'build' },
  { name: 'liblz4-dev', present: header('lz4.h'), use: 'build' },
  { name: 'zlib1g-dev', present: header('zlib.h'), use: 'build' },
  { name: 'openjdk-17-jre-headless', present: command('java'), use: 'demo' },
  { name: 'maven', present: command('mvn'), use: 'demo' },
  { name: 'postgresql-15', present: file('/usr/lib/postgresql/15/bin/postgres'), use: 'test' },
  { name: 'postgresql-client-15', present: file('/usr/lib/postgresql/15/bin/psql'), use: 'test' },
  { name: 'postgresql-15-postgis-3', present: file('/usr/share/postgresql/15/extension/postgis.control'), use: 'test' },
  { name: 'mariadb-server', present: file('/usr/sbin/mariadbd'), use: 'test' },
  { name: 'mariadb-client', present: command('mariadb-binlog'), use: 'test' },
  // Of the MySQL server that Maven fetches.
  { name: 'libaio1', present: file(`/usr/lib/${TRIPLET}/libaio.so.1`), use: 'test' },
  { name: 'libnuma1', present: file(`/usr/lib/${TRIPLET}/libnuma.so.1`), use: 'test' },
  { name: 'kcat', present: command('kcat'), use: 'test' },
  { name: 'openssl', present: command('openssl'), use: 'test' },
  { name: 'krb5-kdc', present: file('/usr/sbin/krb5kdc'), use: 'test' },
  { name: 'krb5-admin-server', present: file('/usr/sbin/kadmin.local'), use: 'test' },
  { name: 'krb5-user', present: command('kinit'), use: 'test' },
  { name: 'libsasl2-modules-gssapi-mit', present: file(`/usr/lib/${TRIPLET}/sasl2/libgssapiv2.so`), use: 'test' },
  { name: 'faketime', present: command('faketime'), use: 'test' },
  { name: 'zstd', present: command('zstd'), use: 'test' },
  { name: 'procps', present: command('ps'), use: 'test' },
  { name: 'systemd', present: command('systemd-analyze'), use: 'test' },
  { name: 'prometheus', present: command('promtool'), use: 'test' },
  { name: 'chromium', present: command('chromium'), use: 'test' },
  { name: 'fonts-dejavu-core', present: file('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'), use: 'test' },
];

const USES = { build: ['build'], demo: ['build', 'demo'], test: ['build', 'demo', 'test'] };

/**
 * Installs what is missing for `target`, if we may. Fails for what cannot be missed, at once where nothing can be
 * installed, and notes the rest. Returns two promises: the packages for the build are there, all are.
 */
export function installPackages(target) {
  const wanted = PACKAGES.filter((entry) => USES[target].includes(entry.use));
  const forBuild = wanted.filter((entry) => entry.use === 'build');
  if (process.getuid?.() !== 0 || !command('apt-get')()) {
    complain(missingOf(wanted));
    return { build: Promise.resolve(), all: Promise.resolve() };
  }
  // In two goes: librdkafka compiles while the servers are fetched.
  const build = install(missingOf(forBuild)).then(() => complain(missingOf(forBuild)));
  const all = build.then(() => install(missingOf(wanted))).then(() => complain(missingOf(wanted)));
  return { build, all };
}

function missingOf(wanted) {
  return wanted.filter((entry) => !entry.present());
}

function complain(missing) {
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.name).join(' ');
  const text = `these system packages are missing: ${names}\nInstall them once:  sudo apt-get install --no-install-recommends ${names}`;
  if (missing.some((entry) => entry.use === 'build')) throw new SetupError(`${text}\nThen repeat the command.`);
  note(`${text}\nWithout them ${consequence(missing)}`);
}

function consequence(missing) {
  const kafka = missing.some((entry) => entry.use === 'demo') ? ['the demo uses the embedded broker instead of Apache Kafka'] : [];
  const tests = missing.some((entry) => entry.use === 'test') ? ['the tests that need them are skipped'] : [];
  return `${[...kafka, ...tests].join(', and ')}.`;
}

async function install(missing) {
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.name);
  progress(`installing system packages: ${names.join(' ')}`);
  const allowStart = forbidServiceStarts();
  try {
    const updated = !hasPackageLists();
    if (updated) await update();
    if ((await apt(names)) === 0) return;
    // Old package lists name files that are gone.
    if (!updated) await update();
    if ((await apt(names)) === 0) return;
    // One name that this system does not know must not keep the others away.
    for (const name of names) await apt([name]);
  } finally {
    allowStart();
  }
}

async function update() {
  await runLogged('apt-update', 'apt-get', ['update'], { keepGoing: true });
}

async function apt(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...names];
  return await runLogged('apt', 'apt-get', args, { spawn: { env }, keepGoing: true });
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}

/** The packages of some servers would start them: for the time of the installation, Debian's policy says no. Returns the undoing. */
function forbidServiceStarts() {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return () => undefined;
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const undo = () => rmSync(policy, { force: true });
  process.once('exit', undo);
  return undo;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
