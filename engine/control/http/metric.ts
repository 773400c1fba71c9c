import type { CaptureStats } from '../messages.ts';
import type { Totals } from '../capture-watch.ts';
import type { Supervisor } from '../supervisor.ts';

/** What one scrape reads. */
export interface Scrape {
  readonly supervisor: Supervisor;
  /** Null while no capture has told any. */
  readonly stats: CaptureStats | null;
  readonly totals: Totals;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** A value and those of the metric's labels, in their order. */
export type Sample = readonly [value: number, ...labels: string[]];

/** One metric, stated once: the scrape and docs/metrics.md come from it. */
export interface Metric {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  /** Besides `changefeed`, which all have. */
  readonly labels: readonly string[];
  /** What is not known at the moment is left out, never shown as 0. */
  readonly read: (scrape: Scrape) => readonly Sample[];
  /** What is the service's own: its samples have no changefeed where there are several. */
  readonly readService: () => readonly Sample[];
}

const NONE = (): readonly Sample[] => [];

export interface MetricGroup {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

/** A counter with one value for each changefeed. */
export function counter(name: string, help: string, read: (scrape: Scrape) => number): Metric {
  return { kind: 'counter', name, help, labels: [], read: (scrape) => [[read(scrape)]], readService: NONE };
}

/** A gauge with one value for each changefeed, left out where that is null or there are no statistics. */
export function gauge(name: string, help: string, read: (stats: CaptureStats) => number | null): Metric {
  const samples = ({ stats }: Scrape): Sample[] => {
    const value = stats === null ? null : read(stats);
    return value === null ? [] : [[value]];
  };
  return { kind: 'gauge', name, help, labels: [], read: samples, readService: NONE };
}

/** A metric with labels. */
export function labelled(
  kind: Metric['kind'],
  name: string,
  help: string,
  labels: readonly string[],
  read: (scrape: Scrape) => readonly Sample[],
): Metric {
  return { kind, name, help, labels, read, readService: NONE };
}
