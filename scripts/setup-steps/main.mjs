import { mkdirSync } from 'node:fs';
import { buildAddon, compile } from './build.mjs';
import { buildKafkaJavascript } from './kafka-javascript.mjs';
import { fetchJars } from './jars.mjs';
import { installModules, linkPostgresLibraries } from './modules.mjs';
import { fetchMysqlServer } from './mysql-server.mjs';
import { installPackages } from './packages.mjs';
import { cacheRoot } from './paths.mjs';
import { fetchPostgresServers } from './postgres-servers.mjs';
import { SetupError, finish } from './report.mjs';
import { takeTurn } from './turn.mjs';

const OLDEST_NODE = [20, 19];

/** What to set up for: `build` runs the product, `demo` adds a real Kafka, `test` adds the databases and clients of tests and bench. */
const TARGETS = ['build', 'demo', 'test'];

async function main() {
  const target = process.argv[2] ?? 'build';
  if (!TARGETS.includes(target)) throw new SetupError(`unknown target ${target}; known are ${TARGETS.join(', ')}`);
  checkNode();
  mkdirSync(cacheRoot, { recursive: true });
  await takeTurn(() => setUp(target));
  finish();
}

/** Each step looks first whether it has anything to do. What waits for the network runs beside what keeps the processor busy. */
async function setUp(target) {
  const packages = installPackages(target);
  const modules = installModules().then(() => linkPostgresLibraries());
  // One after the other: two Mavens would write to one repository.
  const fetched = packages.all.then(() => fetchJars(target)).then(() => (target === 'test' ? fetchServers() : undefined));
  const library = Promise.all([packages.build, modules]).then(() => buildKafkaJavascript());
  const compiled = modules.then(() => compile());
  const addon = Promise.all([compiled, library]).then(() => buildAddon());
  await Promise.all([addon, fetched, packages.all]);
}

async function fetchServers() {
  await fetchPostgresServers();
  await fetchMysqlServer();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`this is Node.js ${process.versions.node}; Millrace needs ${OLDEST_NODE.join('.')} or later`);
}

try {
  await main();
} catch (error) {
  console.error(`setup: ${error instanceof SetupError ? error.message : error.stack}`);
  process.exit(1);
}
