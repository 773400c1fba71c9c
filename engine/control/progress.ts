import type { CaptureStats, SnapshotStats } from './messages.ts';
import type { ServedChangefeed } from './service.ts';

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
  const { snapshot } = stats;
  if (snapshot !== null) return snapshotLine(changefeed, snapshot, rows);
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

/** The progress line of several changefeeds: what they deliver together, how many stream, and the one that is furthest behind. */
export function serviceProgressLine(previous: Sample, current: Sample, changefeeds: readonly ServedChangefeed[]): string {
  const seconds = Math.max(current.atMs - previous.atMs, 1) / 1000;
  const streaming = changefeeds.filter(({ supervisor }) => supervisor.status.phase === 'streaming');
  const lags = streaming.map(({ config, supervisor }) => ({ name: config.changefeed, lag: supervisor.watch.stats?.lagSeconds ?? 0 }));
  const furthest = lags.toSorted((a, b) => b.lag - a.lag)[0];
  const parts = [
    `${streaming.length} of ${changefeeds.length} changefeeds stream`,
    `${grouped((current.delivered - previous.delivered) / seconds)} rows/s`,
    `${((current.deliveredBytes - previous.deliveredBytes) / seconds / 1e6).toFixed(1)} MB/s`,
    ...(furthest === undefined ? [] : [`lag ${furthest.lag.toFixed(1)} s (${furthest.name})`]),
    `${grouped(current.delivered)} rows`,
  ];
  return parts.join(' | ');
}

/** How far a snapshot is, and the slowest of its tables. */
function snapshotLine(changefeed: string, snapshot: SnapshotStats, deliveredPerSecond: number): string {
  const open = snapshot.tables.filter(({ percent }) => percent < 100);
  const last = open.toSorted((a, b) => (b.secondsLeft ?? Infinity) - (a.secondsLeft ?? Infinity))[0];
  const parts = [
    changefeed,
    `snapshot ${snapshot.percent.toFixed(1)} %`,
    `${grouped(deliveredPerSecond)} rows/s`,
    `${grouped(snapshot.rows)} rows`,
    `${timeLeft(snapshot.secondsLeft)} left`,
    ...(last === undefined ? [] : [`${last.table} ${last.percent.toFixed(1)} %, ${timeLeft(last.secondsLeft)}`]),
    ...(snapshot.heldBytes === null ? [] : [`slot holds ${(snapshot.heldBytes / 1e6).toFixed(1)} MB`]),
  ];
  return parts.join(' | ');
}

/** `1 h 05 min`, `12 min 30 s`, `8 s`; `?` while nobody can tell. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return '?';
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s` : `${whole} s`;
}

/** `1,234,567`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
