import { assert } from '../base/assert.ts';
import type { UnitLimit } from '../change/snapshot.ts';
import type { UnitTable } from './epoch-slots.ts';
import { isDelivered, type MarkedRing } from './epochs.ts';

/** A unit of a snapshot as the dispatcher fills it. */
export interface UnitEpoch {
  readonly slot: number;
  rows: number;
}

interface OpenUnit extends UnitEpoch {
  readonly unit: number;
  /** Each ring's write index behind the unit's last row; null while rows come. */
  marks: readonly number[] | null;
}

/** Of a unit without rows. */
const NO_SLOT = -1;

/**
 * The units of a snapshot that are being read or delivered: epochs that form a set, where those of the stream form a prefix. A unit is done
 * by the same rule as any epoch (`epochs.ts`): every ring's reader has passed its mark, nothing of it is outstanding, nothing was lost.
 *
 *   enter ──► rows (units in turn) ──► end: marks ──► delivered ──► done ──► recorded
 *
 * A crash repeats what was begun and is not recorded: there is a limit to that.
 */
export class UnitTracker {
  /** Of units that are done and not recorded. */
  doneBytes = 0;
  /** A unit waits for others to be recorded. */
  isAtLimit = false;
  /** Of units that were begun and are not recorded. */
  private bytes = 0;
  private readonly table: UnitTable;
  private readonly rings: readonly MarkedRing[];
  private readonly limit: UnitLimit;
  private readonly onDone: (unit: number, rows: number) => void;
  private readonly freeSlots: number[];
  private readonly units = new Map<number, OpenUnit>();

  /** @param onDone called once for each unit whose rows are all acknowledged */
  constructor(table: UnitTable, rings: readonly MarkedRing[], limit: UnitLimit, onDone: (unit: number, rows: number) => void) {
    this.table = table;
    this.rings = rings;
    this.limit = limit;
    this.onDone = onDone;
    this.freeSlots = Array.from({ length: table.slots - table.firstSlot }, (_, index) => table.slots - 1 - index);
  }

  /** Begins a unit, or goes on with it; null while every slot is taken, or it would go beyond the limit. */
  enter(unit: number): UnitEpoch | null {
    const known = this.units.get(unit);
    if (known !== undefined) {
      assert(known.marks === null, 'no row follows the end of its unit');
      return known;
    }
    const bytes = this.bytes + this.limit.bytes[unit]!;
    if (this.bytes > 0 && bytes > this.limit.bytesMax) {
      this.isAtLimit = true;
      return null;
    }
    const slot = this.freeSlots.pop();
    if (slot === undefined) return null;
    this.bytes = bytes;
    const opened: OpenUnit = { unit, slot, rows: 0, marks: null };
    this.units.set(unit, opened);
    return opened;
  }

  /** Its last row is in a ring; of an empty unit, it has none. */
  end(unit: number): void {
    const ended = this.units.get(unit) ?? { unit, slot: NO_SLOT, rows: 0, marks: null };
    assert(ended.marks === null, 'a unit ends once');
    ended.marks = this.rings.map((ring) => ring.position);
    this.units.set(unit, ended);
  }

  /** Looks which units are delivered, in whatever order. Returns whether any was. */
  advance(): boolean {
    let moved = false;
    for (const open of this.units.values()) {
      if (!this.isDone(open)) continue;
      this.units.delete(open.unit);
      if (open.slot !== NO_SLOT) {
        this.freeSlots.push(open.slot);
        this.doneBytes += this.limit.bytes[open.unit]!;
      }
      this.onDone(open.unit, open.rows);
      moved = true;
    }
    return moved;
  }

  /** So many of `doneBytes` are recorded. */
  recorded(bytes: number): void {
    this.bytes -= bytes;
    this.doneBytes -= bytes;
    this.isAtLimit = false;
  }

  /** Rows of a unit so far; 0 when it is not open. */
  rowsOf(unit: number): number {
    return this.units.get(unit)?.rows ?? 0;
  }

  /** Messages of all units that were handed over and have no report yet. */
  get outstanding(): number {
    const { words, base, stride, outstanding } = this.table;
    let sum = 0;
    for (const { slot } of this.units.values()) if (slot !== NO_SLOT) sum += Atomics.load(words, base + slot * stride + outstanding);
    return sum;
  }

  /** Units that were begun and are not done. */
  get open(): number {
    return this.units.size;
  }

  /** Those of them whose last row was given: they only wait for their delivery. */
  get ended(): number {
    return [...this.units.values()].filter(({ marks }) => marks !== null).length;
  }

  private isDone({ marks, slot }: OpenUnit): boolean {
    if (marks !== null && slot === NO_SLOT) return true;
    if (marks === null || !marks.every((mark, ring) => this.rings[ring]!.hasPassed(mark))) return false;
    return isDelivered(this.table, slot);
  }
}
