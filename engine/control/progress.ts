import type { CaptureStats } from './messages.ts';

/** Two looks at the same counters make a rate. */
export interface Sample {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
}

/** The progress line: what was delivered in the time between two samples, and how far behind. */
export function progressLine(changefeed: string, previous: Sample, current: Sample, stats: CaptureStats): string {
  const seconds = Math.max(current.atMs - previous.atMs, 1) / 1000;
  const rows = (current.delivered - previous.delivered) / seconds;
  const megabytes = (current.deliveredBytes - previous.deliveredBytes) / seconds / 1e6;
  const parts = [
    changefeed,
    `${grouped(rows)} rows/s`,
    `${megabytes.toFixed(1)} MB/s`,
    `lag ${stats.lagSeconds.toFixed(1)} s`,
    `${grouped(stats.inFlight)} in flight`,
    `${grouped(current.delivered)} rows`,
    `checkpoint ${stats.checkpoint.position}`,
  ];
  return parts.join(' | ');
}

/** `1,234,567`. */
function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
