import { Control, FAILURE_OFFSET, type RingMemory } from './layout.ts';

/** What a worker has done since it began; gauges for metrics, read by the main thread at any time. */
export interface RingCounters {
  /** Rows handed to the producer. */
  readonly rows: number;
  /** Bytes of their values. */
  readonly valueBytes: number;
  /** Calls of the producer with a new batch. */
  readonly batches: number;
  /** Times that a full producer queue refused the rest of a batch. */
  readonly queueFull: number;
}

/** Snapshot of a ring's counters; each is exact, together they may be a batch apart. */
export function readCounters(memory: RingMemory): RingCounters {
  const counters = new Float64Array(memory.control, 0, FAILURE_OFFSET / 8);
  return {
    rows: counters[Control.rows / 2]!,
    valueBytes: counters[Control.valueBytes / 2]!,
    batches: counters[Control.batches / 2]!,
    queueFull: counters[Control.queueFull / 2]!,
  };
}
