/** When a zone changed its offset from UTC, and to what; plain data, because it crosses into other processes and threads. */
export interface ZoneTable {
  /** Transitions before TABLE_END in seconds since 1970 UTC, ascending. */
  readonly starts: readonly number[];
  /** Offsets in seconds, east of Greenwich positive: before the first transition, then from each one on. */
  readonly offsets: readonly number[];
}

/** The calendar with its days of the week repeats after 400 years, and so do rules such as "the last Sunday of March". */
const CYCLE_SECONDS = 146_097 * 86_400;
/** 2499-01-01 UTC: tables go up to here, what comes later is as it was whole cycles earlier, in the 400 years before. */
export const TABLE_END = 16_693_689_600;

/** A zone's offsets, looked up. Values of a column lie near each other in time, so the last place found is looked at first. */
export class Zone {
  private readonly instants: Lookup;
  private readonly locals: Lookup;

  constructor({ starts, offsets }: ZoneTable) {
    const values = Int32Array.from(offsets);
    this.instants = new Lookup(Float64Array.from(starts), values);
    // A clock time that is skipped or comes twice belongs to the offset before, as in Java: later by the gap, or the earlier of the two.
    this.locals = new Lookup(
      Float64Array.from(starts, (start, i) => start + Math.max(values[i]!, values[i + 1]!)),
      values,
    );
  }

  /** The offset at so many seconds since 1970 UTC. */
  offsetAt(seconds: number): number {
    return this.instants.at(seconds);
  }

  /** The offset where the zone's own clock shows so many seconds since its 1970. */
  offsetAtLocal(seconds: number): number {
    return this.locals.at(seconds);
  }
}

class Lookup {
  private readonly starts: Float64Array;
  private readonly offsets: Int32Array;
  /** The last place: `offset` holds for `[from, to)`. */
  private from = Infinity;
  private to = -Infinity;
  private offset = 0;

  constructor(starts: Float64Array, offsets: Int32Array) {
    this.starts = starts;
    this.offsets = offsets;
  }

  at(seconds: number): number {
    const time = seconds < TABLE_END ? seconds : seconds - (Math.floor((seconds - TABLE_END) / CYCLE_SECONDS) + 1) * CYCLE_SECONDS;
    if (time < this.from || time >= this.to) this.find(time);
    return this.offset;
  }

  private find(time: number): void {
    const { starts, offsets } = this;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    this.from = low === 0 ? -Infinity : starts[low - 1]!;
    this.to = low === starts.length ? Infinity : starts[low]!;
    this.offset = offsets[low]!;
  }
}
