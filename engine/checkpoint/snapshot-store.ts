import type { SnapshotRecord } from '../change/snapshot.ts';
import type { SnapshotLedger } from './snapshot-ledger.ts';
import type { UnitTracker } from './units.ts';

export interface SnapshotStoreOptions {
  readonly units: UnitTracker;
  readonly ledger: SnapshotLedger;
  /** Makes the record durable; `rows` counts rows delivered since the start of this process. */
  readonly store: (record: SnapshotRecord, rows: number) => Promise<void>;
  /** There may be room for another unit. */
  readonly onStored: () => void;
  /** Least time between two stores, unless a unit waits for one. */
  readonly intervalMs: number;
  /** The store failed: the changefeed ends. */
  readonly onError: (error: unknown) => void;
}

/** Turns delivered units into durable ones, as the checkpointer does with the stream's epochs. One store at a time. */
export class SnapshotStore {
  private readonly options: SnapshotStoreOptions;
  private storing: Promise<void> | null = null;
  private lastStoreMs = Number.NEGATIVE_INFINITY;
  private isBehind = false;

  constructor(options: SnapshotStoreOptions) {
    this.options = options;
  }

  /** Looks for units that are done and begins a store when one is due. Returns whether any was done. */
  tick(nowMs: number): boolean {
    const moved = this.options.units.advance();
    this.isBehind ||= moved;
    const isDue = this.options.units.isAtLimit || nowMs - this.lastStoreMs >= this.options.intervalMs;
    if (this.isBehind && this.storing === null && isDue) {
      this.begin(nowMs).catch((error: unknown) => this.options.onError(error));
    }
    return moved;
  }

  /** Stores what is done by now. Rejects with what the store failed of. */
  async flush(nowMs: number): Promise<void> {
    this.options.units.advance();
    await this.storing?.catch(() => undefined);
    await this.begin(nowMs);
  }

  private async begin(nowMs: number): Promise<void> {
    const { units, ledger, store, onStored } = this.options;
    const { doneBytes } = units;
    this.lastStoreMs = nowMs;
    this.isBehind = false;
    this.storing = store(ledger.record(new Date().toISOString()), ledger.rowsFinished);
    try {
      await this.storing;
    } finally {
      this.storing = null;
    }
    units.recorded(doneBytes);
    onStored();
  }
}
