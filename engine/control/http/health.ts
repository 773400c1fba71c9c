import type { CaptureWatch } from '../capture-watch.ts';
import type { ChangefeedStatus } from '../changefeed.ts';
import type { ReadStats, SnapshotStats } from '../messages.ts';
import { isOver, percentOf } from '../reads.ts';

/** How long something may stand still before readiness says so. */
export const STALL_MS = 10_000;

export interface Health {
  readonly ready: boolean;
  /** Why it is not ready, one sentence; null when it is. */
  readonly reason: string | null;
}

/** Readiness is progress: a changefeed whose stream stands still says why. Pure; times are monotonic milliseconds. */
export function healthOf(status: ChangefeedStatus, watch: CaptureWatch, nowMs: number): Health {
  const reason = lifeReason(status) ?? withQuota(streamReason(watch, nowMs), watch);
  return { ready: reason === null, reason };
}

const DRAINING_FOR = { run: 'starting', stop: 'stopping', pause: 'pausing', resume: 'resuming', restart: 'restarting' } as const;

/** Reasons that the state of the process gives. */
function lifeReason(status: ChangefeedStatus): string | null {
  const why = status.error === null ? '' : `: ${status.error.code}: ${status.error.message}`;
  switch (status.phase) {
    case 'starting':
      return status.restarts === 0 ? 'the capture process is starting' : `the capture process is restarting${why}`;
    case 'waiting':
      return `the capture process waits before restart ${status.restarts}${why}`;
    case 'draining':
      return `the changefeed is ${DRAINING_FOR[status.wanted]}`;
    case 'paused':
      return `the changefeed is paused${why}`;
    case 'ended':
      return `the changefeed is ${status.state}${why}`;
    case 'streaming':
      return status.told === null ? null : `the capture process is ending${why}`;
  }
}

/** Reasons that the stream itself gives, the most telling first. */
function streamReason(watch: CaptureWatch, nowMs: number): string | null {
  const { stats } = watch;
  const silentMs = nowMs - watch.statsAtMs;
  if (silentMs > STALL_MS) return `the capture process has said nothing for ${seconds(silentMs)}`;
  if (stats === null) return null;
  // While tables are read there is no stream yet; whether they are read shows in what is delivered.
  if (stats.snapshot === null && !stats.source.connected) return 'there is no connection to the database';
  const slowest = watch.slowestPartition();
  if (slowest !== null && nowMs - slowest.sinceMs > STALL_MS) {
    return `partition ${slowest.name} has messages under way and has acknowledged none for ${seconds(nowMs - slowest.sinceMs)}`;
  }
  if (stats.snapshot !== null) return snapshotReason(stats.snapshot, nowMs - watch.snapshotAtMs);
  const { behindMs, position } = stats.checkpoint;
  const stillMs = Math.min(behindMs, nowMs - watch.progressAtMs);
  if (stillMs > STALL_MS) {
    return `rows were read, and for ${seconds(stillMs)} none was delivered and no checkpoint was stored (${stats.inFlight} in flight)`;
  }
  const waitMs = watch.epochsWaitSinceMs === null ? 0 : nowMs - watch.epochsWaitSinceMs;
  if (waitMs > STALL_MS) return `the checkpoint has stood at ${position} for ${seconds(waitMs)} while rows were delivered`;
  return null;
}

function snapshotReason({ percent }: SnapshotStats, stillMs: number): string | null {
  if (stillMs <= STALL_MS) return null;
  return `a snapshot is being read, and for ${seconds(stillMs)} no row of it was read or delivered (${percent.toFixed(1)} % are)`;
}

/** What a changefeed that is ready is doing, where that is not streaming as fast as rows come; null where it is. Pure, as `healthOf` is. */
export function activityOf(watch: CaptureWatch, nowMs: number): string | null {
  const { stats } = watch;
  if (stats === null) return null;
  const activities = [
    snapshotActivity(stats.snapshot),
    readActivity(stats.reads),
    withQuota(overload(watch, nowMs), watch) ?? (isThrottled(watch) ? QUOTA : null),
  ];
  return activities.filter((activity) => activity !== null).join('; ') || null;
}

function snapshotActivity(snapshot: SnapshotStats | null): string | null {
  if (snapshot === null) return null;
  return `a snapshot is being read: ${snapshot.percent.toFixed(1)} %, ${Math.round(snapshot.rowsPerSecond)} rows/s`;
}

function readActivity(reads: readonly ReadStats[]): string | null {
  const open = reads.filter((read) => !isOver(read));
  const [first] = open;
  if (first === undefined) return null;
  const others = open.length === 1 ? '' : `, and ${open.length - 1} more after it`;
  return `${first.table} is read beside the stream: ${percentOf(first).toFixed(1)} %, ${first.rows} rows${others}`;
}

/** Rows come and go, and the producer's queue stays full: the source is slowed down to what the brokers take. */
function overload(watch: CaptureWatch, nowMs: number): string | null {
  const fullMs = watch.queueFullSinceMs === null ? 0 : nowMs - watch.queueFullSinceMs;
  if (fullMs <= STALL_MS) return null;
  const rate = `${(watch.throughput().bytes / 1e6).toFixed(1)} MB/s`;
  return `the brokers have taken less than the database sends for ${seconds(fullMs)} (${rate}), and it is read no faster`;
}

const QUOTA = 'a quota of the brokers holds Millrace back';

function withQuota(reason: string | null, watch: CaptureWatch): string | null {
  return reason !== null && isThrottled(watch) ? `${reason}; ${QUOTA}` : reason;
}

function isThrottled({ stats }: CaptureWatch): boolean {
  return stats?.producer.throttled ?? false;
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}
