import type { ErrorDetails } from './base/errors.ts';
import type { SnapshotRecord } from './change/snapshot.ts';
import type { CheckpointBook } from './checkpoint/book.ts';
import { SnapshotLedger } from './checkpoint/snapshot-ledger.ts';
import { SnapshotStore } from './checkpoint/snapshot-store.ts';
import { UnitTracker } from './checkpoint/units.ts';
import type { Config } from './control/config/config.ts';
import type { SnapshotStats, TableCount } from './control/messages.ts';
import type { RowUnits } from './dispatch/options.ts';
import type { EncoderPool } from './encode/pool.ts';
import type { Sink } from './produce/sink.ts';
import { SnapshotProgress } from './snapshot-progress.ts';
import { SnapshotRun } from './snapshot-run.ts';
import type { SnapshotSource } from './source/source.ts';

interface SnapshotWiring {
  readonly config: Config;
  readonly book: CheckpointBook;
  readonly sink: Sink;
  readonly encoders: EncoderPool;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  readonly tell: (message: string, details: ErrorDetails) => void;
}

export interface WiredSnapshot {
  readonly rowUnits: RowUnits;
  readonly run: SnapshotRun;
  readonly stats: () => SnapshotStats | null;
}

/** What reads the tables, and what keeps track of it. */
export function wireSnapshot(source: SnapshotSource, { config, book, sink, encoders, now, onError, tell }: SnapshotWiring): WiredSnapshot {
  const ledger = new SnapshotLedger(source.record);
  book.planSnapshot(source.record);
  const units = new UnitTracker(sink.delivery.epochs, encoders.rings, source.limit, (unit, rows) => ledger.finish(unit, rows));
  const store = new SnapshotStore({
    units,
    ledger,
    store: (record, rows) => book.storeSnapshot(record, rows),
    onStored: () => source.resume(),
    intervalMs: config.checkpointIntervalMs / 2,
    onError,
  });
  const rowUnits: RowUnits = {
    enter: (unit) => units.enter(unit),
    end: (unit) => units.end(unit),
    microsHigh: Number(source.micros >> 32n),
    microsLow: Number(BigInt.asIntN(32, source.micros)),
  };
  const progress = new SnapshotProgress(source, ledger, units);
  const run = new SnapshotRun({ source, units, ledger, store, now, tell });
  return { rowUnits, run, stats: () => (run.isRunning ? progress.look(now()) : null) };
}

/** How many rows of each table went out; null where none were to. */
export function countsOf(snapshot: SnapshotRecord | null): TableCount[] | null {
  if (snapshot === null) return null;
  return snapshot.tables.map(({ name, rows, parts }) => ({
    table: name,
    rows: String(parts.reduce((sum, part) => sum + BigInt(part.rows), BigInt(rows))),
  }));
}
