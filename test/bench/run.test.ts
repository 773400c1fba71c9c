import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BenchResult } from '../../bench/report/result.ts';
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

const NEEDS_POSTGRES = { skip: skipUnless('postgres-15') };

test('pairs carry the same small log: beside the reference, a variant beside the usual messages', NEEDS_POSTGRES, async (t) => {
  const ids = ['postgres.mock.tcp.options', 'postgres.mock.tcp.updates', 'snapshot.postgres'];
  const { results } = await bench(join(tempDir(t), 'results.json'), ...ids, '--rows', '3000');
  assert.deepEqual(
    results.map(({ id, reference, detail }) => [id, reference?.name, detail['rows']]),
    [
      ['postgres.mock.tcp.options', 'postgres.mock.tcp', 3_000],
      ['postgres.mock.tcp.updates', 'pg_recvlogical', 3_000],
      ['snapshot.postgres', 'psql COPY', 3_000],
    ],
  );
  for (const { median, ratio, cpu_us_per_row, rss_max_mb } of results) {
    assert.ok(median > 0 && ratio! > 0 && cpu_us_per_row! > 0 && rss_max_mb > 50);
  }
  const [options, updates] = results.map(({ detail }) => detail) as [BenchResult['detail'], BenchResult['detail']];
  // The usual message of this table has 420 bytes.
  assert.ok(Number(options['value_bytes_mean']) > 500, 'all fields make messages longer');
  assert.ok(Number(updates['value_bytes_mean']) > 470, 'updates have their old values');
  assert.ok(Number(options['cpu_ratio']) > 0);
});

test(
  'SCRAM over TLS, and an option of the tuning, stand beside the plain and usual one',
  { skip: skipUnless('postgres-15', 'kafka') },
  async (t) => {
    const { results } = await bench(join(tempDir(t), 'results.json'), 'postgres.kafka.tls', 'tuning.compression.zstd', '--rows', '3000');
    assert.deepEqual(
      results.map(({ id, reference, detail }) => [id, reference?.name, detail['rows']]),
      [
        ['postgres.kafka.tls', 'postgres.kafka.tcp', 3_000],
        ['tuning.compression.zstd', 'postgres.kafka.tcp', 3_000],
      ],
    );
  },
);
