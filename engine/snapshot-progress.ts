import type { SnapshotLedger } from './checkpoint/snapshot-ledger.ts';
import type { UnitTracker } from './checkpoint/units.ts';
import type { SnapshotStats, SnapshotTableStats } from './control/messages.ts';
import type { SnapshotSource } from './source/source.ts';

/** What a table has come to at one look. */
interface Sample {
  readonly atMs: number;
  readonly rows: ReadonlyMap<string, number>;
}

/** The rate is that of the last so many milliseconds. */
const WINDOW_MS = 10_000;

/** How far a snapshot is and how long it will take, by the server's estimates of rows; looked at about once a second. */
export class SnapshotProgress {
  private readonly source: SnapshotSource;
  private readonly ledger: SnapshotLedger;
  private readonly units: UnitTracker;
  private samples: readonly Sample[] = [];

  constructor(source: SnapshotSource, ledger: SnapshotLedger, units: UnitTracker) {
    this.source = source;
    this.ledger = ledger;
    this.units = units;
  }

  look(nowMs: number): SnapshotStats {
    const tables = this.ledger.progress(this.source.expectedRows, (unit) => this.units.rowsOf(unit));
    const sample = { atMs: nowMs, rows: new Map(tables.map(({ name, rows }) => [name, rows])) };
    this.samples = [...this.samples.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS), sample];
    const first = this.samples[0] ?? sample;
    const seconds = (nowMs - first.atMs) / 1000;
    const each = tables.map(({ name, rows, expected, share }): SnapshotTableStats => {
      const rate = seconds > 0 ? (rows - (first.rows.get(name) ?? 0)) / seconds : 0;
      return { table: name, rows, percent: 100 * share, secondsLeft: secondsLeft(expected - rows, rate, share) };
    });
    const rows = sum(tables.map((table) => table.rows));
    const expected = sum(tables.map((table) => table.expected));
    const rowsPerSecond = seconds > 0 ? (rows - sum([...first.rows.values()])) / seconds : 0;
    const share = expected === 0 ? this.ledger.unitShare : Math.min(1, sum(tables.map((table) => table.share * table.expected)) / expected);
    const { heldBytes } = this.source.status();
    return {
      rows,
      rowsPerSecond,
      percent: 100 * share,
      secondsLeft: secondsLeft(expected - rows, rowsPerSecond, share),
      heldBytes,
      tables: each,
    };
  }
}

/** Null while nobody can tell. */
function secondsLeft(rows: number, rate: number, share: number): number | null {
  if (share >= 1) return 0;
  return rate > 0 && rows > 0 ? rows / rate : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
