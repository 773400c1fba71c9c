import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposition } from '../../../../engine/control/http/exposition.ts';

const METRIC = { name: 'rows_total', help: 'Rows of C:\\ and\nmore.', kind: 'counter' } as const;

test('help, type and samples, with what would end a line or a label escaped', () => {
  const samples = [
    { value: 0.5, labels: [] },
    { value: 1e21, labels: [['table', 'a"b\\c\nd']] },
  ] as const;
  assert.equal(
    exposition(METRIC, samples),
    [
      String.raw`# HELP rows_total Rows of C:\\ and\nmore.`,
      '# TYPE rows_total counter',
      'rows_total 0.5',
      String.raw`rows_total{table="a\"b\\c\nd"} 1e+21`,
      '',
    ].join('\n'),
  );
});

test('several labels, and values that are not finite', () => {
  const labels = [
    ['topic', 't'],
    ['partition', '3'],
  ] as const;
  const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
  const lines = exposition(
    METRIC,
    values.map((value) => ({ value, labels })),
  ).split('\n');
  assert.deepEqual(
    lines.slice(2, -1),
    ['+Inf', '-Inf', 'NaN'].map((text) => `rows_total{topic="t",partition="3"} ${text}`),
  );
});

test('a metric without samples is still announced', () => {
  assert.equal(exposition(METRIC, []).split('\n').length, 3);
});
