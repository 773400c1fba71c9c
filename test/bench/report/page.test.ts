import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPage, type Measurement } from '../../../bench/report/page.ts';
import { summarize } from '../../../bench/report/result.ts';

const run = (value: number) => ({ value, cpuUsPerRow: 2, rssBytes: 1e8 });
const measurement = (name: string, observations: string | null): Measurement => ({
  name,
  observations,
  file: {
    machine: { cpu: 'Some CPU', cores: 2, memory_gb: 25, kernel: '6.1.0' },
    versions: { millrace: '0.1.0 (abc)', node: '20.1.0', librdkafka: '2.15.1', postgresql: '15.20', kafka: null },
    results: [
      summarize('postgres.mock.tcp', 'rows/s', [run(3000), run(4000)], { name: 'pg_recvlogical', runs: [2000, 2000] }, {}),
      summarize('latency.postgres.1k', 'ms', [run(1.5)], null, {
        p50: 1.5,
        p99: 4.25,
        consumer_p50: 2,
        rows_per_commit: 1,
        commits_per_second: 1000,
      }),
    ],
  },
});

test('the page tells machine, versions, figures, single runs and observations, the newest first', () => {
  const page = renderPage([measurement('2025-01', null), measurement('2025-02', 'The sender is the wall.\n')]);
  assert.ok(page.indexOf('## 2025-02') < page.indexOf('## 2025-01'));
  assert.match(
    page,
    /2 cores of Some CPU, 25 GB, Linux 6\.1\.0; millrace 0\.1\.0 \(abc\), node 20\.1\.0, librdkafka 2\.15\.1, postgresql 15\.20\./,
  );
  assert.match(page, /\| postgres\.mock\.tcp \| 3,000, 4,000 \| 2,000, 2,000 \| 1\.5, 2 \|/);
  assert.match(page, /\| acknowledged by the broker \| 1\.5 \|  \| 4\.25 \|/);
  assert.match(page, /### Observations\n\nThe sender is the wall\.\n/);
  assert.ok(page.endsWith('|\n') && !page.includes('\n\n\n'));
});
