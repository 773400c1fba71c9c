import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { changeLibrdkafka, changesId } from './librdkafka.mjs';
import { cacheRoot, modulesRoot } from './paths.mjs';
import { progress, runLogged, SetupError } from './report.mjs';

const PACKAGE = join(modulesRoot, '@confluentinc/kafka-javascript');
/** Names the changes to librdkafka that are in a build. */
const CHANGES = 'librdkafka-changes';
/** What is used of the build: the rest, 60 MB, is intermediate. */
const RESULTS = [CHANGES, 'Release/confluent-kafka-javascript.node', 'deps/librdkafka.so.1', 'deps/librdkafka++.so.1', 'config.gypi'];

/**
 * Builds @confluentinc/kafka-javascript and its librdkafka from source, as a shared library that our addon links too, with
 * GSSAPI: the prebuilt ones have neither. Again when Node's module version changes; a new node_modules takes it from the cache.
 */
export async function buildKafkaJavascript() {
  if (isBuilt(join(PACKAGE, 'build'))) return;
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const kept = join(
    cacheRoot,
    'kafka-javascript',
    `${version}-${changesId}-node${process.versions.modules}-${process.platform}-${process.arch}`,
  );
  if (isBuilt(kept)) {
    copyResults(kept, join(PACKAGE, 'build'));
    return;
  }
  progress('building librdkafka and kafka-javascript (one to two minutes)');
  changeLibrdkafka(join(PACKAGE, 'deps/librdkafka/src'));
  const env = { ...process.env, CKJS_LINKING: 'dynamic' };
  delete env.MAKEFLAGS;
  const nodeGyp = join(modulesRoot, 'node-gyp/bin/node-gyp.js');
  await runLogged('kafka-javascript', process.execPath, [nodeGyp, 'rebuild', '-C', PACKAGE, `--nodedir=${nodeDirectory()}`], {
    spawn: { env },
  });
  writeFileSync(join(PACKAGE, 'build', CHANGES), changesId);
  if (!isBuilt(join(PACKAGE, 'build'))) throw new SetupError('the build of kafka-javascript left no addon for this Node.js');
  copyResults(join(PACKAGE, 'build'), kept);
}

/** Directory with `include/node`, the headers of the running Node.js. */
export function nodeDirectory() {
  const prefix = process.env.npm_config_nodedir ?? dirname(dirname(realpathSync(process.execPath)));
  if (existsSync(join(prefix, 'include/node/node_api.h'))) return prefix;
  throw new SetupError(
    `the headers of Node.js ${process.versions.node} are not in ${join(prefix, 'include/node')}. ` +
      'Use a Node.js that brings them (the archives of nodejs.org, NodeSource, nvm and the official images do), ' +
      'or set npm_config_nodedir to a directory that holds include/node of exactly this version.',
  );
}

function isBuilt(directory) {
  if (!RESULTS.every((name) => existsSync(join(directory, name)))) return false;
  if (readFileSync(join(directory, CHANGES), 'utf8') !== changesId) return false;
  const config = readFileSync(join(directory, 'config.gypi'), 'utf8');
  return config.match(/"node_module_version": (\d+)/)?.[1] === process.versions.modules;
}

/** Copies under another name first: a half-made copy must not pass for a build. */
function copyResults(from, to) {
  const draft = `${to}.draft`;
  rmSync(draft, { recursive: true, force: true });
  for (const name of RESULTS) {
    mkdirSync(dirname(join(draft, name)), { recursive: true });
    cpSync(join(from, name), join(draft, name));
  }
  rmSync(to, { recursive: true, force: true });
  renameSync(draft, to);
}
