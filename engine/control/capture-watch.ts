import { History } from './history.ts';
import type { CaptureReady, CaptureStats, ReadStats } from './messages.ts';
import { Rates } from './rates.ts';

/** Counters over all lives of a changefeed's capture process. */
export interface Totals {
  readonly rows: number;
  readonly truncates: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly failed: number;
  readonly throttledMs: number;
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
  throttledMs: 0,
  stores: 0,
  receivedBytes: 0,
  transactions: 0,
  reconnects: 0,
};

/** From this fill on the producer's queue counts as full: the next message may be a large one that finds no room in it. */
const QUEUE_FULL = 0.75;

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

  /** Since when the producer's queue is full at every look; null while it is not. */
  queueFullSinceMs: number | null = null;

  /** What the last capture was begun with, also after its end. */
  lastReady: CaptureReady | null = null;
  /** Rows acknowledged since the changefeed was created; null until a capture has told. */
  rowsExported: number | null = null;
  /** The position that was stored last, also after the end of the capture; null until one has told. */
  checkpoint: string | null = null;
  /** Tables that are read beside the stream, and the last ones that were, also after the end of the capture: the oldest first. */
  reads: readonly ReadStats[] = [];
  /** When the last acknowledgement was seen, ISO 8601 in UTC; null before the first. */
  lastExportTime: string | null = null;
  readonly history = new History();

  private rates = new Rates(0);
  private carried = NOTHING;
  private readonly pulses = new Map<string, PartitionPulse>();

  setReady(ready: CaptureReady, nowMs: number): void {
    this.ready = ready;
    this.lastReady = ready;
    this.rates = new Rates(nowMs);
    this.statsAtMs = nowMs;
    this.progressAtMs = nowMs;
    this.snapshotAtMs = nowMs;
  }

  addStats(stats: CaptureStats, nowMs: number, now = new Date()): void {
    const previous = this.stats;
    this.remember(stats, nowMs, now);
    const stored = stats.checkpoint.stores !== (previous?.checkpoint.stores ?? 0);
    if (stored || stats.delivered !== (previous?.delivered ?? 0)) this.progressAtMs = nowMs;
    const moved = stats.snapshot?.rows !== previous?.snapshot?.rows || stats.delivered !== (previous?.delivered ?? 0);
    if (moved) this.snapshotAtMs = nowMs;
    if (stats.epochsOpen <= 2 || stored) this.epochsWaitSinceMs = null;
    else this.epochsWaitSinceMs ??= nowMs;
    if (stats.producer.queueFill < QUEUE_FULL) this.queueFullSinceMs = null;
    else this.queueFullSinceMs ??= nowMs;
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

  /** What outlives the capture, and what is seen only by comparing with the statistics before. */
  private remember(stats: CaptureStats, nowMs: number, now: Date): void {
    const { delivered, deliveredBytes } = this.stats ?? { delivered: 0, deliveredBytes: 0 };
    // The last statistics of a capture follow at once on those before, and are no burst for that.
    const seconds = Math.max(1000, nowMs - this.statsAtMs) / 1000;
    this.history.add({
      atMs: now.getTime(),
      rowsPerSecond: (stats.delivered - delivered) / seconds,
      bytesPerSecond: (stats.deliveredBytes - deliveredBytes) / seconds,
      lagSeconds: stats.lagSeconds,
    });
    if (stats.delivered > delivered) this.lastExportTime = now.toISOString();
    this.rowsExported = stats.rowsExported;
    this.reads = stats.reads;
    if (stats.checkpoint.position !== '') this.checkpoint = stats.checkpoint.position;
    this.rates.look(nowMs, [stats.delivered, stats.deliveredBytes, ...stats.partitions.map((partition) => partition.delivered)]);
  }

  /** Messages and bytes a second that were acknowledged over the last ten; 0 without a capture. */
  throughput(): { readonly messages: number; readonly bytes: number } {
    if (this.stats === null) return { messages: 0, bytes: 0 };
    return { messages: this.rates.perSecond(0), bytes: this.rates.perSecond(1) };
  }

  /** Messages a second of the partition at this place in the statistics. */
  partitionThroughput(index: number): number {
    return this.rates.perSecond(2 + index);
  }

  /** The process is gone: its counters are kept, its gauges are not. */
  captureEnded(): void {
    this.carried = this.totals();
    this.ready = null;
    this.stats = null;
    this.epochsWaitSinceMs = null;
    this.queueFullSinceMs = null;
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
      throttledMs: carried.throttledMs + stats.producer.throttledMs,
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
