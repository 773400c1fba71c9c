import type { CaptureReady, CaptureStats } from './messages.ts';

/** Counters over all lives of a changefeed's capture process. */
export interface Totals {
  readonly rows: number;
  readonly truncates: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly failed: number;
  readonly stores: number;
  readonly receivedBytes: number;
  readonly transactions: number;
  readonly reconnects: number;
}

const NOTHING: Totals = {
  rows: 0,
  truncates: 0,
  delivered: 0,
  deliveredBytes: 0,
  failed: 0,
  stores: 0,
  receivedBytes: 0,
  transactions: 0,
  reconnects: 0,
};

/** A partition that has messages under way, and since when its count of delivered ones stands still. */
interface PartitionPulse {
  delivered: number;
  sinceMs: number;
}

/** What the supervisor knows of a capture process by its messages. Times are monotonic milliseconds. */
export class CaptureWatch {
  ready: CaptureReady | null = null;
  stats: CaptureStats | null = null;
  /** When the last statistics came. */
  statsAtMs = 0;
  /** When a delivery or a stored checkpoint was last seen to have been added. */
  progressAtMs = 0;
  /** When a row of a snapshot was last seen to have been read or delivered. */
  snapshotAtMs = 0;
  /** Since when more than the open epoch and its forerunner wait for a store that does not come; null while stores come. */
  epochsWaitSinceMs: number | null = null;

  private carried = NOTHING;
  private readonly pulses = new Map<string, PartitionPulse>();

  setReady(ready: CaptureReady, nowMs: number): void {
    this.ready = ready;
    this.statsAtMs = nowMs;
    this.progressAtMs = nowMs;
    this.snapshotAtMs = nowMs;
  }

  addStats(stats: CaptureStats, nowMs: number): void {
    const previous = this.stats;
    const stored = stats.checkpoint.stores !== (previous?.checkpoint.stores ?? 0);
    if (stored || stats.delivered !== (previous?.delivered ?? 0)) this.progressAtMs = nowMs;
    const moved = stats.snapshot?.rows !== previous?.snapshot?.rows || stats.delivered !== (previous?.delivered ?? 0);
    if (moved) this.snapshotAtMs = nowMs;
    if (stats.epochsOpen <= 2 || stored) this.epochsWaitSinceMs = null;
    else this.epochsWaitSinceMs ??= nowMs;
    for (const { topic, partition, delivered, inFlight } of stats.partitions) {
      const name = `${topic}/${partition}`;
      const pulse = this.pulses.get(name);
      if (inFlight === 0) this.pulses.delete(name);
      else if (pulse === undefined) this.pulses.set(name, { delivered, sinceMs: nowMs });
      else if (pulse.delivered !== delivered) this.pulses.set(name, { delivered, sinceMs: nowMs });
    }
    this.stats = stats;
    this.statsAtMs = nowMs;
  }

  /** The process is gone: its counters are kept, its gauges are not. */
  captureEnded(): void {
    this.carried = this.totals();
    this.ready = null;
    this.stats = null;
    this.epochsWaitSinceMs = null;
    this.pulses.clear();
  }

  totals(): Totals {
    const { stats, carried } = this;
    if (stats === null) return carried;
    return {
      rows: carried.rows + stats.rows,
      truncates: carried.truncates + stats.truncates,
      delivered: carried.delivered + stats.delivered,
      deliveredBytes: carried.deliveredBytes + stats.deliveredBytes,
      failed: carried.failed + stats.failed,
      stores: carried.stores + stats.checkpoint.stores,
      receivedBytes: carried.receivedBytes + stats.source.receivedBytes,
      transactions: carried.transactions + stats.source.transactions,
      reconnects: carried.reconnects + stats.source.reconnects,
    };
  }

  /** The partition whose messages have waited longest without one being delivered; null when none waits. */
  slowestPartition(): { readonly name: string; readonly sinceMs: number } | null {
    let slowest: { name: string; sinceMs: number } | null = null;
    for (const [name, { sinceMs }] of this.pulses) {
      if (slowest === null || sinceMs < slowest.sinceMs) slowest = { name, sinceMs };
    }
    return slowest;
  }
}
