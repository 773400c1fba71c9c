import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from '../../../bench/report/result.ts';
import { formatNumber, renderMarkdown, renderTable } from '../../../bench/report/table.ts';

const results = [
  summarize('postgres.mock.tcp', 'rows/s', [{ value: 300_000, cpuUsPerRow: 2.5, rssBytes: 200e6 }], { name: 'peer', runs: [200_000] }, {}),
  summarize('latency', 'ms', [{ value: 1.25, cpuUsPerRow: null, rssBytes: 90.16e6 }], null, {}),
];

test('the table lines up: texts to the left, figures to the right', () => {
  assert.deepEqual(renderTable(results).split('\n'), [
    'bench              unit     median      min      max  reference     ratio  us CPU/row  RSS MB',
    '-----------------  ------  -------  -------  -------  ------------  -----  ----------  ------',
    'postgres.mock.tcp  rows/s  300,000  300,000  300,000  peer 200,000   1.50        2.50     200',
    'latency            ms         1.25     1.25     1.25                                     90.2',
  ]);
});

test('Markdown has one row for each result', () => {
  const lines = renderMarkdown(results).split('\n');
  assert.equal(lines.length, 4);
  assert.equal(lines[1], '| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |');
  assert.equal(lines[2], '| postgres.mock.tcp | rows/s | 300,000 | 300,000 | 300,000 | peer 200,000 | 1.50 | 2.50 | 200 |');
});

test('only small figures have decimals', () => {
  assert.deepEqual([0.1234, 99.5, 420.4, 1_234_567].map(formatNumber), ['0.123', '99.5', '420', '1,234,567']);
});
