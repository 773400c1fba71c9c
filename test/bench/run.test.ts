import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ResultsFile } from '../../bench/report/results-file.ts';
import { projectRoot } from '../support/paths.ts';
import { run } from '../support/run.ts';
import { skipUnless } from '../support/skip.ts';
import { tempDir } from '../support/temp.ts';

const RUN = join(projectRoot, 'dist/bench/run.js');

async function bench(file: string, ...words: string[]): Promise<ResultsFile> {
  await run(process.execPath, [RUN, ...words, '--runs', '1', '--json', file], { env: { MILLRACE_BENCH_NO_WAIT: '1' } });
  return JSON.parse(readFileSync(file, 'utf8')) as ResultsFile;
}

test('a bench runs by its id and writes the results file', async (t) => {
  const { machine, versions, results } = await bench(join(tempDir(t), 'results.json'), 'micro.ring');
  assert.deepEqual([results.length, results[0]!.id, results[0]!.unit, results[0]!.runs.length], [1, 'micro.ring', 'us/row', 1]);
  assert.ok(results[0]!.median > 0 && results[0]!.rss_max_mb > 10);
  assert.ok(machine.cores > 0 && versions.node === process.versions.node && versions.postgresql === null);
});

test('a wrong name ends with exit code 2 and tells the names', async () => {
  await assert.rejects(
    run(process.execPath, [RUN, 'postgress']),
    /ended with 2:.*no bench is called postgress; there are: .*postgres\.mock\.tcp/s,
  );
});

test('product and reference carry the same small log', { skip: skipUnless('postgres-15') }, async (t) => {
  const { results } = await bench(join(tempDir(t), 'results.json'), 'postgres.mock.tcp', '--rows', '3000');
  const result = results[0]!;
  assert.deepEqual([result.reference?.name, result.detail['rows']], ['pg_recvlogical', 3_000]);
  assert.ok(result.median > 0 && result.ratio! > 0 && result.cpu_us_per_row! > 0 && result.rss_max_mb > 50);
  assert.ok(Number(result.detail['value_bytes_mean']) > 300);
});
