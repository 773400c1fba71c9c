import type { CaptureReady, CaptureStats, ReadStats, SnapshotStats } from '../../../engine/control/messages.ts';

export const READY: CaptureReady = {
  position: '0/1A2B3C4',
  slotCreated: false,
  sourceInstance: 'db:5432/shop',
  sourceVersion: '15.8',
  kafkaCluster: 'abc',
  librdkafkaVersion: '2.15.1',
  tables: 2,
};

/** A snapshot in its first tenth. */
export const SNAPSHOT: SnapshotStats = {
  rows: 1000,
  rowsPerSecond: 100,
  percent: 12.5,
  secondsLeft: 70,
  heldBytes: 4_000_000,
  tables: [
    { table: 'public.orders', rows: 900, percent: 10, secondsLeft: 70 },
    { table: 'public.stock', rows: 100, percent: 100, secondsLeft: 0 },
  ],
};

/** A table that is read beside the stream, a quarter of it done. */
export const READ: ReadStats = {
  id: 'a1',
  table: 'public.orders',
  where: null,
  comment: null,
  state: 'reading',
  rows: 10,
  expectedRows: 40,
  chunksDone: 1,
  chunks: 4,
  error: null,
};

/** Statistics of an idle stream, with changes. */
export function statsOf(changes: Partial<CaptureStats> = {}): CaptureStats {
  return {
    rows: 0,
    truncates: 0,
    delivered: 0,
    deliveredBytes: 0,
    failed: 0,
    inFlight: 0,
    lagSeconds: 0,
    oldestCommitMs: null,
    rowsExported: 0,
    deadLetters: {},
    producer: { queueFill: 0, throttled: false, throttledMs: 0 },
    ringFill: [0],
    epochsOpen: 0,
    partitions: [],
    checkpoint: { position: '0/1A2B3C4', stores: 0, behindMs: 0 },
    source: {
      position: '0/1A2B400',
      connected: true,
      silentMs: 0,
      stalled: false,
      clockAheadMs: 0,
      heldBytes: null,
      spareBytes: null,
      lagBytes: 0,
      lagTransactions: null,
      log: null,
      receivedBytes: 0,
      transactions: 0,
      reconnects: 0,
    },
    snapshot: null,
    reads: [],
    ...changes,
  };
}
