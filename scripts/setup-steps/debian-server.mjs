import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { progress, runLogged, SetupError } from './report.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks a server of another release of Debian, with the libraries of that release, into `directory`: whole or not at all, and once for
 * all. In its bin, each of `programs` is a script that starts the program with its own libraries, beside `copies` of scripts. `files` are
 * added, by their paths in that release.
 */
export async function fetchFromDebian(directory, { suite, packages, alone, programs, copies, share, files }) {
  if (existsSync(directory)) return;
  progress(`fetching ${packages[0]} of Debian ${suite}`);
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const root = join(draft, 'root');
  for (const path of ['root', 'bin', 'lib', 'apt/lists/partial', 'apt/cache/archives/partial']) {
    mkdirSync(join(draft, path), { recursive: true });
  }
  await download(join(draft, 'apt'), suite, packages, alone);
  await unpackAll(join(draft, 'apt/cache/archives'), root);
  rmSync(join(draft, 'apt'), { recursive: true });
  for (const program of programs) writeStarter(join(draft, 'bin', basename(program)), program);
  for (const [path, content] of Object.entries(files)) writeFileSync(join(root, path), content);
  for (const path of copies) cpSync(join(root, path), join(draft, 'bin', basename(path)));
  symlinkSync('bin', join(draft, 'sbin'));
  symlinkSync(`root/${share}`, join(draft, 'share'));
  symlinkSync('../root/usr/lib/mysql', join(draft, 'lib/mysql'));
  renameSync(draft, directory);
}

/** An apt of its own, which knows of nothing that is installed, and so fetches all that the packages need. */
async function download(state, suite, packages, alone) {
  const config = join(state, 'apt.conf');
  writeFileSync(join(state, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`);
  const settings = [
    `Dir::Etc::sourcelist "${join(state, 'sources.list')}";`,
    'Dir::Etc::sourceparts "-";',
    `Dir::State::lists "${join(state, 'lists')}";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${join(state, 'cache')}";`,
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
  ];
  writeFileSync(config, `${settings.join('\n')}\n`);
  const spawn = { env: { ...process.env, APT_CONFIG: config }, cwd: join(state, 'cache/archives') };
  await runLogged('further-server-lists', 'apt-get', ['update'], { spawn });
  const install = ['install', '--download-only', '--yes', '--no-install-recommends', ...packages];
  await runLogged('further-server-packages', 'apt-get', install, { spawn });
  if (alone.length > 0) await runLogged('further-server-alone', 'apt-get', ['download', ...alone], { spawn });
}

/** From where this system gets Debian's packages. */
function mirror() {
  const args = ['indextargets', '--format', '$(SITE)', 'Identifier: Packages', 'Label: Debian'];
  const [site] = execFileSync('apt-get', args, { encoding: 'utf8' }).split('\n');
  if (site === '') throw new SetupError('apt knows no mirror of Debian');
  return site;
}

async function unpackAll(archives, root) {
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const name of packages) await runLogged('further-server-unpack', 'dpkg-deb', ['-x', join(archives, name), root]);
}

/** The system's loader would take the system's libraries, which are older. */
function writeStarter(path, program) {
  const lines = [
    '#!/bin/sh',
    'root=$(cd "$(dirname "$0")/../root" && pwd)',
    'libraries=$root/usr/lib/x86_64-linux-gnu',
    `exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$root/${program}" "$@"`,
    '',
  ];
  writeFileSync(path, lines.join('\n'), { mode: 0o755 });
}
