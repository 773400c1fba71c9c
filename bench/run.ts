import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArguments, USAGE, type BenchArguments } from './arguments.ts';
import { BENCHES } from './catalogue.ts';
import { now, secondsBetween } from './measure/clock.ts';
import { describeMachine, describeVersions } from './report/environment.ts';
import type { BenchResult } from './report/result.ts';
import type { ResultsFile } from './report/results-file.ts';
import { renderTable } from './report/table.ts';
import { selectBenches } from './select.ts';
import { Session } from './session.ts';

/**
 * `npm run bench`: runs what was asked for, prints the table, writes the results file. Exit code 1 when a bench failed, 2 for a wrong
 * command line.
 */
async function main(): Promise<number> {
  let parameters: BenchArguments;
  let selected;
  try {
    parameters = parseArguments(process.argv.slice(2));
    selected = selectBenches(BENCHES, parameters.names);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const session = new Session(parameters, progress);
  const results: BenchResult[] = [];
  let failures = 0;
  for (const bench of selected) {
    const start = now();
    progress(bench.id);
    try {
      results.push(await bench.run(session));
      progress(`${bench.id} took ${secondsBetween(start, now()).toFixed(0)} s`);
    } catch (error) {
      failures++;
      console.error(`${bench.id} FAILED:`, error);
    }
  }
  const file: ResultsFile = { machine: describeMachine(), versions: await describeVersions(session), results };
  await session.close();
  console.log(`\n${renderTable(results)}\n`);
  for (const result of results) console.log(`${result.id}: ${JSON.stringify(result.detail)}`);
  if (parameters.json !== null) {
    mkdirSync(dirname(parameters.json), { recursive: true });
    writeFileSync(parameters.json, `${JSON.stringify(file, null, 2)}\n`);
  }
  return failures === 0 ? 0 : 1;
}

/** Progress goes to standard error: standard output is the table. */
function progress(line: string): void {
  console.error(`bench: ${line}`);
}

process.exitCode = await main();
