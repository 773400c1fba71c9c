import type * as PromClient from 'prom-client';
import type { Supervisor } from '../supervisor.ts';
import type { Metric, Scrape } from './metric.ts';
import { METRICS } from './metric-table.ts';

/** Makes the function that answers a scrape, in Prometheus' text format. Loads prom-client (11 MB), so it is called by the first scrape. */
export async function createMetrics(supervisor: Supervisor, changefeed: string, now: () => number): Promise<() => Promise<string>> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  const scrape = (): Scrape => ({ supervisor, stats: supervisor.watch.stats, totals: supervisor.watch.totals(), nowMs: now() });
  for (const metric of METRICS.flatMap(({ metrics }) => metrics)) register(prometheus, registry, metric, changefeed, scrape);
  return () => registry.metrics();
}

/** Values are read when they are asked for, and kept nowhere. */
function register(
  prometheus: typeof PromClient,
  registry: PromClient.Registry,
  { kind, name, help, labels, read }: Metric,
  changefeed: string,
  scrape: () => Scrape,
): void {
  new prometheus[kind === 'counter' ? 'Counter' : 'Gauge']({
    name,
    help,
    labelNames: ['changefeed', ...labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, ...texts] of read(scrape())) {
        this.inc({ changefeed, ...Object.fromEntries(labels.map((label, i) => [label, texts[i] ?? ''])) }, value);
      }
    },
  });
}
