import type { SnapshotRecord } from './change/snapshot.ts';
import { hasAllRows, type TableRead } from './change/table-read.ts';
import type { SnapshotLedger } from './checkpoint/snapshot-ledger.ts';
import type { TableReads } from './checkpoint/table-reads.ts';
import type { ReadStats } from './control/messages.ts';
import type { RowUnits } from './dispatch/options.ts';
import type { RingWriter } from './ring/writer.ts';
import { countsOf, wireUnits, type UnitParts, type WiredUnits } from './snapshot-wiring.ts';
import type { SnapshotSource, TableReadRequest } from './source/source.ts';

/**
 * How much of a table may be on its way beside the stream: what waits in a ring, and messages that are not acknowledged. A row of the
 * stream that comes behind them waits no longer than for that.
 */
const RING_BYTES_MAX = 1_048_576;
const OUTSTANDING_MAX = 32_768;
/** Then it is looked so soon whether there is less. */
const CROWDED_MS = 2;

const NO_UNITS: RowUnits = { enter: () => null, end: () => undefined, microsHigh: 0, microsLow: 0 };

/** The units that the dispatcher fills: those of one reading after the other. */
export class CurrentUnits implements RowUnits {
  private units: RowUnits;

  /** @param units null while there are none */
  constructor(units: RowUnits | null) {
    this.units = units ?? NO_UNITS;
  }

  use(units: RowUnits): void {
    this.units = units;
  }

  enter(unit: number): ReturnType<RowUnits['enter']> {
    return this.units.enter(unit);
  }

  end(unit: number): void {
    this.units.end(unit);
  }

  get microsHigh(): number {
    return this.units.microsHigh;
  }

  get microsLow(): number {
    return this.units.microsLow;
  }
}

export interface ReadWiring extends UnitParts {
  readonly reads: TableReads;
  readonly current: CurrentUnits;
  /** Makes durable what `reads` has. */
  readonly store: () => Promise<void>;
}

/** What reads a table beside the stream, and what keeps track of it: in `reads`, and with them in the checkpoint. */
export function wireRead(source: SnapshotSource, id: string, wiring: ReadWiring): WiredUnits {
  const { reads, current, store, encoders } = wiring;
  const table = reads.get(id).table;
  const expectedRows = Math.round(source.expectedRows.reduce((sum, rows) => sum + rows, 0));
  const save = async (record: SnapshotRecord) => {
    reads.update(id, { ...progressOf(record, wired.ledger), expectedRows });
    await store();
  };
  const words = { begins: `reading ${table} beside the stream`, ends: `${table} is read` };
  const wired = wireUnits(source, save, words, wiring);
  current.use(unlessCrowded(wired, source, encoders.rings));
  return wired;
}

function progressOf(progress: SnapshotRecord, ledger: SnapshotLedger): Partial<TableRead> {
  const rows = countsOf(progress).reduce((sum, table) => sum + BigInt(table.rows), 0n);
  return { progress, rows: String(rows), chunks: ledger.unitCount, chunksDone: ledger.unitsDone };
}

/** Keeps rows back while many are on their way, so that those of the stream are soon on theirs. */
function unlessCrowded({ units, rowUnits }: WiredUnits, source: SnapshotSource, rings: readonly RingWriter[]): RowUnits {
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    timer = null;
    source.resume();
  };
  const enter: RowUnits['enter'] = (unit) => {
    if (units.outstanding <= OUTSTANDING_MAX && rings.every((ring) => ring.used <= RING_BYTES_MAX)) return rowUnits.enter(unit);
    timer ??= setTimeout(look, CROWDED_MS);
    return null;
  };
  return {
    enter,
    end: (unit) => rowUnits.end(unit),
    get microsHigh() {
      return rowUnits.microsHigh;
    },
    get microsLow() {
      return rowUnits.microsLow;
    },
  };
}

/** What is planned of a read. For its last mark, what was read is planned as a whole once more: what is stored of it has nothing left. */
export function requestOf(read: TableRead): Omit<TableReadRequest, 'moved'> {
  const { table, where, comment, mark, progress } = read;
  return { table, where, bootstrap: mark === null ? null : { comment }, stored: hasAllRows(read) ? null : progress };
}

/** Reads as they are told of. */
export function readStats(reads: readonly TableRead[]): ReadStats[] {
  return reads.map(({ id, table, where, comment, state, rows, expectedRows, chunksDone, chunks, error }) => {
    return { id, table, where, comment, state, rows: Number(rows), expectedRows, chunksDone, chunks, error };
  });
}
