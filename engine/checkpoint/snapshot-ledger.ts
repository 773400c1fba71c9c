import { formatRanges, parseRanges } from '../change/number-ranges.ts';
import type { SnapshotPart, SnapshotRecord, SnapshotTable } from '../change/snapshot.ts';

/** How far one table is; numbers for people. */
export interface TableProgress {
  readonly name: string;
  /** Rows so far: those of units that are done, and those that were read of the others. */
  readonly rows: number;
  /** What the server holds its rows to be. */
  readonly expected: number;
  /** From 0 to 1; 1 only when every unit is done. */
  readonly share: number;
}

/** A unit that is being read is never shown as done. */
const SHARE_OF_OPEN_UNIT_MAX = 0.99;

interface LedgerPart {
  readonly part: SnapshotPart;
  /** Number of its first unit. */
  readonly firstUnit: number;
  readonly done: Set<number>;
  rows: bigint;
}

interface LedgerTable {
  readonly table: SnapshotTable;
  readonly parts: LedgerPart[];
}

/**
 * Which units of a snapshot are done. Units are numbered through: by table, by part, by cut; those that an earlier run did are among them.
 */
export class SnapshotLedger {
  private readonly plan: SnapshotRecord;
  private readonly tables: readonly LedgerTable[];
  /** By unit: its part, and the unit's number in it. */
  private readonly units: { readonly part: LedgerPart; readonly index: number }[] = [];
  unitsDone = 0;
  /** Rows of the units that this process has done. */
  rowsFinished = 0;

  constructor(plan: SnapshotRecord) {
    this.plan = plan;
    this.tables = plan.tables.map((table) => ({ table, parts: table.parts.map((part) => this.addPart(part)) }));
  }

  private addPart(part: SnapshotPart): LedgerPart {
    const added = { part, firstUnit: this.units.length, done: new Set(parseRanges(part.done)), rows: BigInt(part.rows) };
    for (let index = 0; index <= part.cuts.length; index++) this.units.push({ part: added, index });
    this.unitsDone += added.done.size;
    return added;
  }

  get unitCount(): number {
    return this.units.length;
  }

  get isFinished(): boolean {
    return this.unitsDone === this.units.length;
  }

  /** Every row of the unit is acknowledged. */
  finish(unit: number, rows: number): void {
    const { part, index } = this.units[unit]!;
    part.done.add(index);
    part.rows += BigInt(rows);
    this.rowsFinished += rows;
    this.unitsDone += 1;
  }

  /** Of all units, those that are done: from 0 to 1. */
  get unitShare(): number {
    return this.units.length === 0 ? 1 : this.unitsDone / this.units.length;
  }

  /**
   * @param expectedRows by unit
   * @param rowsRead of a unit that is not done
   */
  progress(expectedRows: readonly number[], rowsRead: (unit: number) => number): TableProgress[] {
    return this.tables.map(({ table, parts }) => {
      const sums = { name: table.name, rows: Number(rowsOf({ table, parts })), expected: 0, share: 0 };
      let units = 0;
      for (const { part, firstUnit, done } of parts) {
        for (let index = 0; index <= part.cuts.length; index++) {
          const expected = expectedRows[firstUnit + index] ?? 0;
          const read = done.has(index) ? 0 : rowsRead(firstUnit + index);
          units += 1;
          sums.rows += read;
          sums.expected += expected;
          sums.share += done.has(index) ? 1 : Math.min(SHARE_OF_OPEN_UNIT_MAX, expected > 0 ? read / expected : 0);
        }
      }
      return { ...sums, share: units === 0 ? 1 : sums.share / units };
    });
  }

  /**
   * What a checkpoint keeps: of a finished snapshot only its tables.
   * @param now ISO 8601, UTC
   */
  record(now: string): SnapshotRecord {
    if (!this.isFinished) return { ...this.plan, tables: this.tables.map(toRecord) };
    const tables = this.tables.map(({ table, parts }) => ({ ...table, rows: String(rowsOf({ table, parts })), parts: [] }));
    return { ...this.plan, finishedAt: now, tables };
  }
}

function rowsOf({ table, parts }: LedgerTable): bigint {
  return parts.reduce((sum, { rows }) => sum + rows, BigInt(table.rows));
}

function toRecord({ table, parts }: LedgerTable): SnapshotTable {
  return { ...table, parts: parts.map(({ part, done, rows }) => ({ ...part, done: formatRanges(done), rows: String(rows) })) };
}
