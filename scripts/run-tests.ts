import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** A file that takes longer hangs: most often a failed test has left something running. */
const FILE_TIMEOUT_MS = 15 * 60_000;

const dist = join(import.meta.dirname, '..');

/** What the runner tells about the end of one test. */
interface TestResult {
  readonly name: string;
  readonly file?: string;
  readonly skip?: string | boolean;
}

/** Runs all tests, or those whose path contains one of the arguments (`npm test -- engine/ring`), each file in a process of its own. */
function main(): void {
  const wanted = process.argv.slice(2).map((argument) => argument.replace(/\.ts$/, '.js'));
  const files = listTests(join(dist, 'test')).filter(
    (path) => wanted.length === 0 || wanted.some((part) => relative(dist, path).includes(part)),
  );
  if (files.length === 0) throw new Error(`no test file's path contains ${wanted.join(' or ')}`);
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  const stream = run({ files, concurrency: availableParallelism(), timeout: FILE_TIMEOUT_MS, signal: stopping.signal });
  const skipped = new Map<string, string[]>();
  stream.on('test:fail', () => (process.exitCode = 1));
  stream.on('test:pass', (result: TestResult) => {
    if (typeof result.skip === 'string') skipped.set(result.skip, [...(skipped.get(result.skip) ?? []), describe(result)]);
  });
  stream.compose(new spec()).pipe(process.stdout);
  process.once('exit', () => tellSkipped(skipped));
}

/** Last, where it is read: what this run did not look at, and why. */
function tellSkipped(skipped: ReadonlyMap<string, readonly string[]>): void {
  for (const [reason, tests] of skipped) {
    process.stdout.write(`\nSKIPPED ${tests.length}: ${reason}\n${tests.map((test) => `  ${test}\n`).join('')}`);
  }
}

function describe(result: TestResult): string {
  return result.file === undefined ? result.name : `${relative(dist, result.file)}: ${result.name}`;
}

function listTests(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.js'))
    .map((entry) => join(entry.parentPath, entry.name));
  return paths.toSorted((a, b) => turn(a) - turn(b) || a.localeCompare(b));
}

/** Unit tests first: they tell in seconds what the others would tell in minutes. */
function turn(path: string): number {
  return path.includes(`${sep}engine${sep}`) ? 0 : 1;
}

main();
