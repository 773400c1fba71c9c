import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeDirectory } from './kafka-javascript.mjs';
import { distRoot, modulesRoot, projectRoot } from './paths.mjs';
import { progress, runLogged } from './report.mjs';

const SOURCE_ROOTS = ['engine', 'native-bridge', 'bench', 'test', 'scripts'];
const COMPILE_STAMP = join(distRoot, '.sources');

/** Runs the TypeScript compiler if a source file is newer, new or gone since it last succeeded. */
export async function compile() {
  const sources = SOURCE_ROOTS.flatMap((root) => listFiles(join(projectRoot, root))).filter((path) => path.endsWith('.ts'));
  const compiler = join(modulesRoot, 'typescript/package.json');
  const state = fingerprint([...sources, join(projectRoot, 'tsconfig.json'), compiler]);
  if (readOrNull(COMPILE_STAMP) === state) return;
  progress('compiling TypeScript');
  removeOrphans(new Set(sources.map((path) => join(distRoot, relative(projectRoot, path).replace(/\.ts$/, '.js')))));
  await runLogged('tsc', process.execPath, [join(modulesRoot, 'typescript/bin/tsc'), '-p', 'tsconfig.json']);
  // For `npx millrace`: npm makes it so when it first sees a clone, not when the file is written anew.
  chmodSync(join(distRoot, 'engine/main.js'), 0o755);
  writeFileSync(COMPILE_STAMP, state);
}

/** What was compiled from a file that is gone must not be run, or imported by accident. */
function removeOrphans(expected) {
  if (!existsSync(distRoot)) return;
  for (const path of listFiles(distRoot)) {
    if (path.endsWith('.js') && !expected.has(path)) rmSync(path);
  }
}

/** Builds native-bridge if one of its inputs changed; `compile` comes first, since a header is generated from TypeScript. */
export async function buildAddon() {
  const directory = join(projectRoot, 'native-bridge');
  const binary = join(directory, 'build/Release/millrace_native.node');
  const stamp = join(directory, 'build/.sources');
  const sources = listFiles(directory).filter((path) => /\.(cc|h|gyp|ts)$/.test(path) && !path.endsWith('layout.h'));
  const inputs = [
    ...sources,
    join(projectRoot, 'scripts/build-native.sh'),
    join(modulesRoot, '@confluentinc/kafka-javascript/package.json'),
  ];
  const state = contentHash(inputs);
  if (existsSync(binary) && readOrNull(stamp) === state) return;
  progress('building the native addon');
  const env = { ...process.env, npm_config_nodedir: nodeDirectory() };
  await runLogged('native-bridge', 'sh', ['scripts/build-native.sh'], { spawn: { env } });
  writeFileSync(stamp, state);
}

/** For inputs whose rebuilding takes long: a fresh checkout of the same content is no reason. */
function contentHash(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${relative(projectRoot, path)}\n`).update(readFileSync(path));
  return hash.digest('hex');
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function listFiles(directory) {
  const found = [];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && entry.name !== 'build') found.push(...listFiles(path));
    else if (entry.isFile()) found.push(path);
  }
  return found.toSorted((a, b) => a.localeCompare(b));
}

function readOrNull(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
