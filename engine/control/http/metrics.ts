import type { Supervisor } from '../supervisor.ts';
import { exposition, type LabelledSample } from './exposition.ts';
import type { Metric, Scrape } from './metric.ts';
import { METRICS } from './metric-table.ts';

/** Answers a scrape, in Prometheus' text format. Values are read when they are asked for, and kept nowhere. */
export function renderMetrics(supervisor: Supervisor, changefeed: string, nowMs: number): string {
  const scrape: Scrape = { supervisor, stats: supervisor.watch.stats, totals: supervisor.watch.totals(), nowMs };
  return METRICS.flatMap(({ metrics }) => metrics.map((metric) => exposition(metric, samplesOf(metric, changefeed, scrape)))).join('\n');
}

function samplesOf({ labels, read }: Metric, changefeed: string, scrape: Scrape): LabelledSample[] {
  return read(scrape).map(([value, ...texts]) => ({
    value,
    labels: [['changefeed', changefeed], ...labels.map((label, i): [string, string] => [label, texts[i] ?? ''])],
  }));
}
