import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CODES } from '../engine/base/codes.ts';
import { generatedDocuments } from '../scripts/generate-docs.ts';
import { projectRoot } from './support/paths.ts';
import { importsOf, sourceFiles, type SourceFile } from './support/source-tree.ts';

const engine = sourceFiles('engine', /\.ts$/);
const typescript = ['engine', 'native-bridge', 'bench', 'test', 'scripts'].flatMap((root) => sourceFiles(root, /\.m?ts$/));
const everything = sourceFiles('.', /\.(ts|mjs|cc|h|md|json|ya?ml|toml|gyp|xml|sql)$|^setup$|^run$|^test-asan$|\.sh$|^\..*rc$/);

/** Stages, in the order of the data, know the value model, the ring and each their own folder. What wires them lies beside the folders. */
const STAGES = ['source', 'filter', 'dispatch', 'ring', 'encode', 'produce', 'checkpoint'];
const COMMON = ['engine/base/', 'engine/change/', 'engine/ring/'];
/** What lies below others knows only what lies below itself. */
const FOUNDATIONS: Readonly<Record<string, readonly string[]>> = { base: [], change: ['engine/base/'], ring: ['engine/base/'] };

test('stages import base, change, ring and themselves, never one another', () => {
  const wrong: string[] = [];
  for (const file of engine) {
    const folder = file.path.split('/')[1] ?? '';
    if (!STAGES.includes(folder) && FOUNDATIONS[folder] === undefined) continue;
    if (file.path.endsWith('.thread.ts')) continue;
    const allowed = [`engine/${folder}/`, ...(FOUNDATIONS[folder] ?? COMMON), ...bridgeFor(folder)];
    wrong.push(
      ...importsOf(file)
        .filter((path) => !allowed.some((prefix) => path.startsWith(prefix)))
        .map((path) => `${file.path} -> ${path}`),
    );
  }
  assert.deepEqual(wrong, []);
});

/**
 * The producer's stage wraps native-bridge; the encoders' needs the layout of what it hands over, a source the readers of local sockets and
 * of zstd data.
 */
function bridgeFor(folder: string): string[] {
  if (folder === 'produce') return ['native-bridge/'];
  if (folder === 'source') return ['native-bridge/socket-reader.ts', 'native-bridge/zstd-reader.ts'];
  return folder === 'encode' ? ['native-bridge/layout.ts', 'native-bridge/row-layout.ts'] : [];
}

test('only native-bridge/binding.ts loads the addon', () => {
  const loaders = typescript.filter((file) => file.text.includes('millrace_native.node') && !file.path.startsWith('test/'));
  assert.deepEqual(pathsOf(loaders), ['native-bridge/binding.ts']);
});

/** Engine files with logic whose tests lie elsewhere, and where. Every other one has a test at its mirrored path. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  // What wires the stages works only as a whole.
  'engine/assembly.ts': 'test/integration/shutdown.test.ts',
  'engine/capture.ts': 'test/integration/shutdown.test.ts',
  'engine/opening.ts': 'test/integration/large.test.ts',
  'engine/state.ts': 'test/integration/checkpoint-topic.test.ts',
  'engine/routing.ts': 'test/integration/routing.test.ts',
  // Beside a start of the whole engine, and the start that takes it further.
  'engine/check/quick.ts': 'test/integration/check.test.ts',
  'engine/source/postgres/inspection.ts': 'test/engine/source/postgres/preflight.test.ts',
  'engine/source/postgres/sizes.ts': 'test/engine/source/postgres/objects.test.ts',
  // Steps of a check, each taken by the check of one side.
  'engine/check/binlog-connection.ts': 'test/engine/check/binlog-source.test.ts',
  'engine/check/checkpoint-step.ts': 'test/engine/check/source.test.ts',
  'engine/check/clock-step.ts': 'test/engine/check/source.test.ts',
  'engine/check/encryption-step.ts': 'test/engine/check/source-connection.test.ts',
  'engine/check/findings.ts': 'test/engine/check/source-server.test.ts',
  'engine/check/names-step.ts': 'test/engine/check/source-tables.test.ts',
  'engine/check/resolve-step.ts': 'test/engine/check/source-connection.test.ts',
  'engine/source/mysql/objects.ts': 'test/engine/control/cli/objects.test.ts',
  'engine/source/mysql/server-clock.ts': 'test/engine/check/binlog-source.test.ts',
  // What asks a real server, asked through the whole engine.
  'engine/produce/sink-topics.ts': 'test/integration/routing.test.ts',
  'engine/source/postgres/open-snapshot.ts': 'test/engine/source/postgres/copy/plan.test.ts',
  'engine/source/postgres/pgoutput-layout.ts': 'test/engine/source/postgres/pgoutput.test.ts',
  // What decoders of binlog rows are made of.
  'engine/source/mysql/rows/column-decoder.ts': 'test/engine/source/mysql/rows/decoder.test.ts',
  'engine/source/mysql/rows/columns.ts': 'test/engine/source/mysql/rows/decoder.test.ts',
  'engine/source/mysql/rows/json-text.ts': 'test/engine/source/mysql/rows/json-binary.test.ts',
  'engine/source/mysql/rows/time-text.ts': 'test/engine/source/mysql/rows/temporal.test.ts',
  // What asks a real server of MariaDB or MySQL, asked through the whole source.
  'engine/source/mysql/health.ts': 'test/engine/source/mysql/source.test.ts',
  'engine/source/mysql/identity.ts': 'test/engine/source/mysql/open.test.ts',
  'engine/source/mysql/inspection.ts': 'test/engine/source/mysql/open.test.ts',
  'engine/source/mysql/log-position.ts': 'test/engine/source/mysql/start.test.ts',
  'engine/source/mysql/log-reading.ts': 'test/engine/source/mysql/start.test.ts',
  'engine/source/mysql/replication-session.ts': 'test/engine/source/mysql/source.test.ts',
  'engine/source/mysql/stream.ts': 'test/engine/source/mysql/source-reconnect.test.ts',
  'engine/source/mysql/tls.ts': 'test/engine/source/mysql/connection.test.ts',
  // Of what is answered over HTTP, the whole answer is tested.
  'engine/control/http/health-routes.ts': 'test/engine/control/http/server.test.ts',
  'engine/control/http/metric.ts': 'test/engine/control/http/metrics.test.ts',
  'engine/control/http/metric-table.ts': 'test/engine/control/http/metrics.test.ts',
  'engine/control/http/schemas.ts': 'test/engine/control/http/openapi.test.ts',
  'engine/control/http/views.ts': 'test/engine/control/http/api.test.ts',
  // Events of a log work only one after the other.
  'engine/source/mysql/binlog/ambiguity.ts': 'test/engine/source/mysql/catalogue-types.test.ts',
  'engine/source/mysql/binlog/checksum.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/compressed-record.ts': 'test/engine/source/mysql/binlog/servers.test.ts',
  'engine/source/mysql/binlog/event-layout.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/fields.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/format-description.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/group.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/partial-images.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/query-event.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/replay.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/spill-file.ts': 'test/engine/source/mysql/binlog/held-events.test.ts',
  'engine/source/mysql/binlog/sql-tokens.ts': 'test/engine/source/mysql/binlog/statement.test.ts',
  'engine/source/mysql/binlog/table-content.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/table-map.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/table-metadata.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/binlog/unsupported.ts': 'test/engine/source/mysql/binlog/parser.test.ts',
  'engine/source/mysql/catalog.ts': 'test/engine/source/mysql/catalogue-types.test.ts',
  'engine/source/mysql/statement-scan.ts': 'test/engine/source/mysql/catalogue-types.test.ts',
  // What reads real topics and writes to them.
  'engine/control/cli/dead-letters.ts': 'test/integration/dead-letter-command.test.ts',
  'engine/dead-letters/replayer.ts': 'test/integration/dead-letter-command.test.ts',
  'engine/dead-letters/topic-reader.ts': 'test/integration/dead-letter-command.test.ts',
  'engine/control/http/by-id.ts': 'test/engine/control/http/api.test.ts',
  'engine/control/http/selection.ts': 'test/engine/control/http/api.test.ts',
  // Asked by whoever starts it.
  'engine/check/process.ts': 'test/engine/control/check-process.test.ts',
  'engine/check/changefeed.ts': 'test/integration/check.test.ts',
  // Said and parsed with the other commands.
  'engine/control/cli/command.ts': 'test/engine/control/cli/cli.test.ts',
  'engine/control/cli/version.ts': 'test/engine/control/cli/cli.test.ts',
};

test('every engine file with logic has its test at the mirrored path', () => {
  const missing = engine.filter((file) => hasLogic(file) && !existsSync(join(projectRoot, mirrored(file.path)))).map((file) => file.path);
  const listed = Object.keys(TESTED_ELSEWHERE);
  assert.deepEqual(
    missing.filter((path) => !listed.includes(path)),
    [],
  );
  assert.deepEqual(
    listed.filter((path) => !missing.includes(path)),
    [],
    'listed, but there is a mirrored test',
  );
  for (const path of Object.values(TESTED_ELSEWHERE)) assert.ok(existsSync(join(projectRoot, path)), `${path} exists`);
});

function mirrored(path: string): string {
  return `test/${path.replace(/\.ts$/, '.test.ts')}`;
}

/** A file of types and constants leaves nothing to run in what is emitted. */
function hasLogic(file: SourceFile): boolean {
  const emitted = readFileSync(join(projectRoot, 'dist', file.path.replace(/\.ts$/, '.js')), 'utf8');
  return /\bfunction\b|=>|\bclass\b/.test(emitted.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
}

test('every engine file is used', () => {
  const used = new Set(typescript.filter((file) => !file.path.startsWith('test/')).flatMap(importsOf));
  const unused = engine.map((file) => file.path).filter((path) => !used.has(path) && path !== 'engine/main.ts');
  assert.deepEqual(unused, []);
});

test('every error code is raised somewhere', () => {
  const sources = [...engine, ...sourceFiles('native-bridge', /\.(ts|cc|h)$/)].filter((file) => !file.path.startsWith('engine/base/codes'));
  const text = sources.map((file) => file.text).join('\n');
  const unused = Object.keys(CODES).filter((code) => !new RegExp(`['"]${code}['"]`).test(text));
  assert.deepEqual(unused, []);
});

test('no line is longer than 140 characters, strings apart, and no file of C++ longer than 300 lines', () => {
  const code = everything.filter((file) => /\.(ts|mjs|cc|h|sh)$/.test(file.path) && !file.path.startsWith('test/fixtures/'));
  assert.deepEqual(
    code.flatMap((file) => linesWhere(file, isTooLong)),
    [],
  );
  const native = sourceFiles('native-bridge', /\.(cc|h)$/).filter((file) => file.text.split('\n').length > 300);
  assert.deepEqual(pathsOf(native), []);
});

/** A message in one piece can be searched for; what stands around it has to be short. */
function isTooLong(line: string): boolean {
  if (line.length <= 140) return false;
  return line.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\^.*\//g, '').length > 100;
}

test('nothing is left to do, and nothing speaks of the place where it was written', () => {
  // Each with a hole, since this file is looked through as well.
  const words = ['FIX~ME', 'TO~DO', '\\bXX~X\\b', 'registry\\.npm~js', 'repo1?\\.mav~en\\.', 'deb\\.deb~ian', '/wo~rk/', 'issues? #?\\d'];
  const forbidden = new RegExp(words.join('|').replaceAll('~', ''));
  assert.deepEqual(
    everything.flatMap((file) => linesWhere(file, (line) => forbidden.test(line))),
    [],
  );
  assert.ok(!readFileSync(join(projectRoot, 'package-lock.json'), 'utf8').includes('"resolved"'), 'the lockfile names no download address');
});

test('generated documents are what the code says', () => {
  for (const [path, text] of generatedDocuments(`${projectRoot}/`)) {
    assert.equal(readFileSync(join(projectRoot, path), 'utf8'), text, `${path} is stale: run npm run docs`);
  }
});

test('each test that docs/loss-bugs.md names is one test of the file it names', () => {
  const rows = readFileSync(join(projectRoot, 'docs/loss-bugs.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (What goes wrong|---)/.test(line));
  const wrong = rows.flatMap((row) => {
    const proofs = [...row.matchAll(/`(test\/[^`]+)`: (.+?)(?=<br>| *\|$)/g)];
    if (proofs.length === 0) return [`no test: ${row}`];
    return proofs
      .map(([, path = '', name = '']) => [`${path}: ${name}`, titlesOf(path).filter((title) => title.includes(name)).length] as const)
      .flatMap(([proof, found]) => (found === 1 ? [] : [`${found} tests: ${proof}`]));
  });
  assert.ok(rows.length > 30, `${rows.length} rows were read`);
  assert.deepEqual(wrong, []);
});

/** What stands between the quotes of a file's test titles; empty when there is no such file. */
function titlesOf(path: string): string[] {
  if (!existsSync(join(projectRoot, path))) return [];
  const calls = readFileSync(join(projectRoot, path), 'utf8').matchAll(/\b(?:test|it)\(\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/g);
  return [...calls].map(([, single, double, template]) => single ?? double ?? template ?? '');
}

test('the commands of package.json run files that exist', () => {
  const scripts: Record<string, string> = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).scripts;
  const files = Object.values(scripts).flatMap((line) => [...line.matchAll(/(?:node dist|sh )\/?(\S+)/g)].map((match) => match[1] ?? ''));
  const missing = files.map((path) => path.replace(/\.js$/, '.ts')).filter((path) => !existsSync(join(projectRoot, path)));
  assert.deepEqual(missing, []);
});

function pathsOf(files: readonly SourceFile[]): string[] {
  return files.map((file) => file.path);
}

function linesWhere(file: SourceFile, isWanted: (line: string) => boolean): string[] {
  return file.text.split('\n').flatMap((line, index) => (isWanted(line) ? [`${file.path}:${index + 1}: ${line.trim().slice(0, 80)}`] : []));
}
