import { positionText } from './change/position.ts';
import type { CheckpointBook } from './checkpoint/book.ts';
import type { Checkpointer } from './checkpoint/checkpointer.ts';
import type { EpochTracker } from './checkpoint/epochs.ts';
import type { CaptureStats, PartitionStats, SnapshotStats } from './control/messages.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { LetterCounts } from './encode/letter-counts.ts';
import type { EncoderPool } from './encode/pool.ts';
import type { Sink } from './produce/sink.ts';
import type { Source } from './source/source.ts';
import { readStats } from './table-read-wiring.ts';

export interface StatsParts {
  readonly dispatcher: Dispatcher;
  readonly epochs: EpochTracker;
  readonly encoders: EncoderPool;
  readonly sink: Sink;
  readonly source: Source;
  readonly checkpointer: Checkpointer;
  readonly book: CheckpointBook;
  readonly truncates: number;
  readonly snapshot: { readonly stats: () => SnapshotStats | null } | null;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Milliseconds since 1970 by `steadyClock`, as the source compares the server's clock with it. */
  readonly clock: number;
}

/** The capture's gauges and counters as they are now; read from the parts, kept nowhere. */
export function gatherStats(parts: StatsParts): CaptureStats {
  const { epochs, sink, dispatcher, now } = parts;
  const { oldestCommitMs } = epochs;
  const counters = sink.delivery.counters;
  const source = parts.source.status();
  return {
    rows: dispatcher.rows,
    truncates: parts.truncates,
    delivered: counters.delivered,
    deliveredBytes: counters.bytes,
    failed: counters.failed,
    inFlight: counters.inFlight,
    lagSeconds: lagSecondsOf(oldestCommitMs, parts.clock + source.clockAheadMs),
    oldestCommitMs: oldestCommitMs === 0 ? null : oldestCommitMs,
    rowsExported: parts.book.rowsDelivered,
    deadLetters: parts.encoders.letterCounts.byReason(),
    producer: { queueFill: sink.queueFill, throttled: sink.throttle.isActive(now), throttledMs: sink.throttle.totalMs },
    ringFill: parts.encoders.rings.map((ring) => ring.used / ring.capacity),
    epochsOpen: epochs.undelivered,
    partitions: partitionStats(sink, dispatcher.targets.rows, parts.encoders.letterCounts),
    checkpoint: {
      position: parts.book.position === null ? '' : positionText(parts.book.position),
      stores: parts.checkpointer.count,
      behindMs: parts.checkpointer.behindMs(now),
    },
    source,
    snapshot: parts.snapshot?.stats() ?? null,
    reads: readStats(parts.book.reads),
  };
}

/** Seconds from a commit to `databaseNowMs`, both by the database's clock; 0 when there is none (0). */
export function lagSecondsOf(commitMs: number, databaseNowMs: number): number {
  return commitMs === 0 ? 0 : Math.max(0, (databaseNowMs - commitMs) / 1000);
}

function partitionStats(sink: Sink, rowsOfTarget: Float64Array, letters: LetterCounts): PartitionStats[] {
  return sink.topics.all.flatMap(({ name, partitions, targetBase }) =>
    Array.from({ length: partitions }, (_, partition) => {
      const target = sink.delivery.target(targetBase + partition);
      return {
        topic: name,
        partition,
        offset: target.offset,
        delivered: target.messages,
        deliveredBytes: target.bytes,
        inFlight: target.inFlight,
        // A report that came between the two looks must not make it negative.
        lag: Math.max(0, (rowsOfTarget[targetBase + partition] ?? 0) - letters.ofTarget(targetBase + partition) - target.messages),
      };
    }),
  );
}
