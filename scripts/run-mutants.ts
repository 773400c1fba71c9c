import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changesAddon, type Mutant, parseMutant } from './mutants/mutant.ts';
import { CommandFailed, type RunEnd, Workshop } from './mutants/workshop.ts';

const project = join(import.meta.dirname, '../..');
const MUTANTS = join(project, 'test/mutants');

/** What became of a mutant, in words, and whether that is as it should be. */
interface Verdict {
  readonly text: string;
  readonly isKilled: boolean;
  readonly detail?: string;
}

/**
 * Breaks each rule of test/mutants in a copy of the project and runs the test that watches over it: the test must fail.
 * All mutants, or those whose name contains one of the arguments (`npm run test:mutants -- epoch`). Exit status 0 when every one is killed.
 */
async function main(): Promise<void> {
  const mutants = listMutants(process.argv.slice(2));
  const workshop = new Workshop(project);
  process.once('SIGINT', () => process.exit(130));
  process.once('exit', () => workshop.remove());
  workshop.build(true);
  const broken = await testsThatFailAnyway(workshop, mutants);
  const width = Math.max(...mutants.map(({ id }) => id.length));
  let survivors = 0;
  for (const mutant of mutants) {
    const begin = performance.now();
    const verdict = broken.get(key(mutant)) ?? (await judge(workshop, mutant));
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    if (!verdict.isKilled) survivors += 1;
    console.log(`${verdict.text.padEnd(19)} ${seconds.padStart(5)} s  ${mutant.id.padEnd(width)}  ${mutant.rule}`);
    console.log(`${''.padEnd(width + 29)}  ${mutant.test.replace('dist/test/', '')}: ${mutant.name}`);
    if (verdict.detail !== undefined) console.log(verdict.detail.replace(/^/gm, '    '));
  }
  console.log(`\n${mutants.length - survivors} of ${mutants.length} mutants killed`);
  if (survivors > 0) process.exitCode = 1;
}

/** By name, those of the addon last: it is then compiled once for each of them, and never to take a patch back. */
function listMutants(wanted: readonly string[]): Mutant[] {
  const ids = readdirSync(MUTANTS)
    .filter((file) => file.endsWith('.patch'))
    .map((file) => file.slice(0, -'.patch'.length))
    .filter((id) => wanted.length === 0 || wanted.some((part) => id.includes(part)));
  if (ids.length === 0) throw new Error(`no mutant's name contains ${wanted.join(' or ')}`);
  const mutants = ids.toSorted().map((id) => parseMutant(id, readFileSync(join(MUTANTS, `${id}.patch`), 'utf8')));
  return mutants.toSorted((a, b) => Number(changesAddon(a)) - Number(changesAddon(b)));
}

function key({ test, name }: Mutant): string {
  return `${test}\n${name}`;
}

/** A test that fails, or does not run at all, without a mutant says nothing about any. */
async function testsThatFailAnyway(workshop: Workshop, mutants: readonly Mutant[]): Promise<Map<string, Verdict>> {
  const tests = new Map(mutants.map((mutant) => [key(mutant), mutant]));
  const broken = new Map<string, Verdict>();
  for (const [name, mutant] of tests) {
    const end = await workshop.runTest(mutant.test, mutant.name);
    if (end.kind !== 'passed') broken.set(name, { text: 'NOT TESTED', isKilled: false, detail: `without the mutant: ${describe(end)}` });
  }
  console.log(`${tests.size - broken.size} of ${tests.size} tests pass without a mutant\n`);
  return broken;
}

async function judge(workshop: Workshop, mutant: Mutant): Promise<Verdict> {
  let revert: () => void;
  try {
    revert = workshop.apply(mutant);
  } catch (error) {
    return { text: 'DOES NOT APPLY', isKilled: false, detail: reasonOf(error) };
  }
  try {
    workshop.build(changesAddon(mutant));
    const end = await workshop.runTest(mutant.test, mutant.name);
    if (end.kind === 'failed') return { text: 'killed', isKilled: true };
    if (end.kind === 'crashed') return { text: 'killed by a crash', isKilled: true };
    if (end.kind === 'timed out') return { text: 'killed by time-out', isKilled: true };
    return { text: end.kind === 'passed' ? 'SURVIVED' : 'NOT TESTED', isKilled: false, detail: describe(end) };
  } catch (error) {
    return { text: 'DOES NOT COMPILE', isKilled: false, detail: reasonOf(error) };
  } finally {
    revert();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof CommandFailed) return error.message;
  throw error;
}

function describe(end: RunEnd): string {
  switch (end.kind) {
    case 'absent':
      return 'no test of this name ran';
    case 'skipped':
      return `the test is skipped: ${end.reason}`;
    case 'passed':
    case 'failed':
    case 'crashed':
    case 'timed out':
      return `the test ${end.kind}`;
  }
}

await main();
