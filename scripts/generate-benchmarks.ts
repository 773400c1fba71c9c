import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPage, type Measurement } from '../bench/report/page.ts';
import type { ResultsFile } from '../bench/report/results-file.ts';
import { projectRoot, RESULTS_DIRECTORY } from '../bench/support/paths.ts';

/** Writes docs/benchmarks.md from bench/results/*.json and the observations in the .md files of the same names. */
function readMeasurements(): Measurement[] {
  const names = readdirSync(RESULTS_DIRECTORY)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length));
  return names.map((name) => {
    const observations = join(RESULTS_DIRECTORY, `${name}.md`);
    return {
      name,
      file: JSON.parse(readFileSync(join(RESULTS_DIRECTORY, `${name}.json`), 'utf8')) as ResultsFile,
      observations: existsSync(observations) ? readFileSync(observations, 'utf8') : null,
    };
  });
}

writeFileSync(join(projectRoot, 'docs/benchmarks.md'), renderPage(readMeasurements()));
