import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from '../../../bench/report/result.ts';

const run = (value: number, cpuUsPerRow: number | null, rssBytes: number) => ({ value, cpuUsPerRow, rssBytes });

test('a result has the median of the pair ratios and the largest memory', () => {
  const runs = [run(100, 2, 10e6), run(300, 4, 30.04e6), run(200, 3, 20e6)];
  assert.deepEqual(summarize('a.b', 'rows/s', runs, { name: 'peer', runs: [100, 100, 400] }, { rows: 5 }), {
    id: 'a.b',
    unit: 'rows/s',
    median: 200,
    min: 100,
    max: 300,
    runs: [100, 300, 200],
    reference: { name: 'peer', median: 100, runs: [100, 100, 400] },
    ratio: 1,
    cpu_us_per_row: 3,
    rss_max_mb: 30,
    detail: { ratios: [1, 3, 0.5], rows: 5 },
  });
});

test('without reference and CPU both are null', () => {
  const result = summarize('a', 'ms', [run(1.5, null, 1e6)], null, {});
  assert.deepEqual([result.reference, result.ratio, result.cpu_us_per_row, result.detail], [null, null, null, {}]);
});
