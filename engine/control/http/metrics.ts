import type { ServedChangefeed, Service } from '../service.ts';
import { exposition, type LabelledSample } from './exposition.ts';
import type { Metric, Sample, Scrape } from './metric.ts';
import { METRICS } from './metric-table.ts';

/** Answers a scrape, in Prometheus' text format. Values are read when they are asked for, and kept nowhere. */
export function renderMetrics({ changefeeds, now }: Service): string {
  const nowMs = now();
  const scrapes = changefeeds.map((changefeed) => ({ changefeed: changefeed.config.changefeed, scrape: scrapeOf(changefeed, nowMs) }));
  const ofService = scrapes.length === 1 ? (scrapes[0]?.changefeed ?? '') : '';
  const samplesOf = (metric: Metric): LabelledSample[] => [
    ...labelled(metric, ofService, metric.readService()),
    ...scrapes.flatMap(({ changefeed, scrape }) => labelled(metric, changefeed, metric.read(scrape))),
  ];
  return METRICS.flatMap(({ metrics }) => metrics.map((metric) => exposition(metric, samplesOf(metric)))).join('\n');
}

function scrapeOf({ supervisor }: ServedChangefeed, nowMs: number): Scrape {
  return { supervisor, stats: supervisor.watch.stats, totals: supervisor.watch.totals(), nowMs };
}

function labelled({ labels }: Metric, changefeed: string, samples: readonly Sample[]): LabelledSample[] {
  return samples.map(([value, ...texts]) => ({
    value,
    labels: [['changefeed', changefeed], ...labels.map((label, i): [string, string] => [label, texts[i] ?? ''])],
  }));
}
