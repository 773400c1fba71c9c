import { formatRanges, parseRanges } from '../change/number-ranges.ts';
import type { SnapshotPart, SnapshotRecord, SnapshotTable } from '../change/snapshot.ts';

/** How far one table is. */
export interface TableProgress {
  readonly name: string;
  readonly units: number;
  readonly unitsDone: number;
  /** Acknowledged, of units that are done. */
  readonly rows: bigint;
}

interface LedgerPart {
  readonly part: SnapshotPart;
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
  private unitsDone = 0;
  /** Rows of the units that this process has done. */
  rowsFinished = 0;

  constructor(plan: SnapshotRecord) {
    this.plan = plan;
    this.tables = plan.tables.map((table) => ({ table, parts: table.parts.map((part) => this.addPart(part)) }));
  }

  private addPart(part: SnapshotPart): LedgerPart {
    const added = { part, done: new Set(parseRanges(part.done)), rows: BigInt(part.rows) };
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

  progress(): TableProgress[] {
    return this.tables.map(({ table, parts }) => ({
      name: table.name,
      units: parts.reduce((sum, { part }) => sum + part.cuts.length + 1, 0),
      unitsDone: parts.reduce((sum, { done }) => sum + done.size, 0),
      rows: rowsOf({ table, parts }),
    }));
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
