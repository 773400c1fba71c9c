import type { ErrorDetails } from './base/errors.ts';
import type { SnapshotRecord } from './change/snapshot.ts';
import type { CheckpointBook } from './checkpoint/book.ts';
import { splitSlots } from './checkpoint/epoch-slots.ts';
import { SnapshotLedger } from './checkpoint/snapshot-ledger.ts';
import { SnapshotStore } from './checkpoint/snapshot-store.ts';
import { UnitTracker } from './checkpoint/units.ts';
import type { Config } from './control/config/config.ts';
import type { SnapshotStats, TableCount } from './control/messages.ts';
import type { RowUnits } from './dispatch/options.ts';
import type { EncoderPool } from './encode/pool.ts';
import type { Sink } from './produce/sink.ts';
import { SnapshotProgress } from './snapshot-progress.ts';
import { SnapshotRun, type SnapshotWords } from './snapshot-run.ts';
import type { SnapshotSource } from './source/source.ts';

/** What units are filled into and kept track of with. */
export interface UnitParts {
  readonly config: Config;
  readonly sink: Sink;
  readonly encoders: EncoderPool;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  readonly tell: (message: string, details: ErrorDetails) => void;
}

export interface WiredUnits {
  readonly ledger: SnapshotLedger;
  readonly units: UnitTracker;
  readonly rowUnits: RowUnits;
  readonly run: SnapshotRun;
}

export interface WiredSnapshot {
  readonly rowUnits: RowUnits;
  readonly run: SnapshotRun;
  readonly stats: () => SnapshotStats | null;
}

/** What reads the tables, and what keeps track of it. */
export function wireSnapshot(source: SnapshotSource, book: CheckpointBook, parts: UnitParts): WiredSnapshot {
  book.planSnapshot(source.record);
  const { ledger, units, rowUnits, run } = wireUnits(source, (record, rows) => book.storeSnapshot(record, rows), WORDS, parts);
  const progress = new SnapshotProgress(source, ledger, units);
  return { rowUnits, run, stats: () => (run.isRunning ? progress.look(parts.now()) : null) };
}

const WORDS: SnapshotWords = { begins: 'reading what is in the tables', ends: 'the snapshot is finished' };

/**
 * The units of a source, from their rows to the record that they are done.
 * @param save makes durable which are done; `rows` of them were delivered by now
 */
export function wireUnits(
  source: SnapshotSource,
  save: (record: SnapshotRecord, rows: number) => Promise<void>,
  words: SnapshotWords,
  { config, sink, encoders, now, onError, tell }: UnitParts,
): WiredUnits {
  const ledger = new SnapshotLedger(source.record);
  const slots = splitSlots(sink.delivery.epochs).units;
  const units = new UnitTracker(slots, encoders.rings, source.limit, (unit, rows) => ledger.finish(unit, rows));
  const store = new SnapshotStore({
    units,
    ledger,
    store: save,
    onStored: () => source.resume(),
    intervalMs: config.checkpointIntervalMs / 2,
    onError,
  });
  const run = new SnapshotRun({ source, units, ledger, store, now, words, tell });
  return { ledger, units, rowUnits: rowUnitsOf(units, source), run };
}

/** The units as the dispatcher fills them. */
export function rowUnitsOf(units: UnitTracker, source: Pick<SnapshotSource, 'micros'>): RowUnits {
  return {
    enter: (unit) => units.enter(unit),
    end: (unit) => units.end(unit),
    get microsHigh() {
      return Number(source.micros >> 32n);
    },
    get microsLow() {
      return Number(BigInt.asIntN(32, source.micros));
    },
  };
}

/** How many rows of each table went out. */
export function countsOf(snapshot: SnapshotRecord): TableCount[] {
  return snapshot.tables.map(({ name, rows, parts }) => ({
    table: name,
    rows: String(parts.reduce((sum, part) => sum + BigInt(part.rows), BigInt(rows))),
  }));
}
