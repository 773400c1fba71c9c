import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorDetails } from './base/errors.ts';
import type { RowSink } from './change/row-sink.ts';
import type { SnapshotSink } from './change/snapshot.ts';
import type { SnapshotLedger } from './checkpoint/snapshot-ledger.ts';
import type { SnapshotStore } from './checkpoint/snapshot-store.ts';
import type { UnitTracker } from './checkpoint/units.ts';
import type { SnapshotSource } from './source/source.ts';

/** What the log says of it. */
export interface SnapshotWords {
  readonly begins: string;
  readonly ends: string;
}

export interface SnapshotRunParts {
  readonly source: SnapshotSource;
  readonly units: UnitTracker;
  readonly ledger: SnapshotLedger;
  readonly store: SnapshotStore;
  readonly now: () => number;
  readonly words: SnapshotWords;
  /** Says what happens, for the log. */
  readonly tell: (message: string, details: ErrorDetails) => void;
}

/** How often it is looked whether the last units are delivered. */
const LOOK_MS = 10;

/** Units from the first row to the record that all are done. */
export class SnapshotRun {
  isRunning = false;
  private readonly parts: SnapshotRunParts;
  private isStopped = false;

  constructor(parts: SnapshotRunParts) {
    this.parts = parts;
  }

  /** Resolves when every unit is delivered and stored, or after `stop`. */
  async run(sink: RowSink & SnapshotSink): Promise<void> {
    const { source, ledger, store, now, words, tell } = this.parts;
    this.isRunning = true;
    try {
      // Rows are in Kafka before their unit is done: which snapshot they are of is durable before the first.
      await store.flush(now());
      tell(words.begins, { tables: source.record.tables.length, units: ledger.unitCount, done: ledger.unitsDone });
      await source.read(sink);
      sink.flush();
      while (!ledger.isFinished && !this.isStopped) await delay(LOOK_MS);
      if (this.isStopped) return;
      await store.flush(now());
      tell(words.ends, { rows: ledger.rowsFinished });
    } finally {
      this.isRunning = false;
      await source.close();
    }
  }

  /**
   * Reads no more, and stores those of the units that are whole.
   * @returns false when the deadline passed before they were delivered
   */
  async stop(deadline: number): Promise<boolean> {
    const { source, units, store, now } = this.parts;
    source.stop();
    while (units.ended > 0 && now() < deadline) await delay(LOOK_MS);
    await store.flush(now());
    this.isStopped = true;
    return units.ended === 0;
  }

  resume(): void {
    if (this.isRunning) this.parts.source.resume();
  }

  tick(): void {
    if (!this.isRunning) return;
    // A unit that waits for a slot goes on when another is done.
    if (this.parts.store.tick(this.parts.now())) this.parts.source.resume();
  }
}
