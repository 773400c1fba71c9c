import { assert } from '../base/assert.ts';

/**
 * Epochs: numbered windows of whole transactions, and the contiguous prefix of those that are delivered.
 *
 *   rows ──► current epoch ──close──► open epochs (oldest ... newest) ──► done prefix ──► store ──► source.ack
 *                                      │ marks: each ring's write index
 *                                      │ outstanding: messages handed over and not reported (written by C++)
 *                                      └ poisoned: a message failed or was purged
 *
 * An epoch is done when every ring's reader has passed the epoch's mark (all its rows are handed over, so counted) and nothing of it is
 * outstanding. A reader releases rows only after they are counted, so the two can be read in this order without a lock.
 * Only the prefix counts: a later epoch that is done waits for the earlier ones, however long one partition stalls.
 */

/** Where an epoch's slot lies in the delivery table; given by whoever owns that layout. */
export interface EpochTable {
  readonly words: Int32Array;
  /** Word of slot 0, words of a slot, slots. */
  readonly base: number;
  readonly stride: number;
  readonly slots: number;
  /** Words within a slot. */
  readonly outstanding: number;
  readonly poisoned: number;
}

/** What the tracker needs of a ring. */
export interface MarkedRing {
  /** Bytes written, published or not: exact, never wrapping, for an epoch may stay open while gigabytes pass. */
  readonly position: number;
  /** Whether the reader has released everything before `mark`. */
  hasPassed(mark: number): boolean;
}

/** A position as the source hands it over: two words whose meaning is the source's own (PostgreSQL: an LSN). */
export interface PositionWords {
  readonly high: number;
  readonly low: number;
}

export class EpochTracker {
  /** Slot of the current epoch, in the high half of every opaque. */
  slot = 0;
  /** Rows of the current epoch so far; the next row's number. */
  rows = 0;
  /** A committed transaction ends here in the current epoch; only then may it close. */
  private committed = false;
  private currentHigh = 0;
  private currentLow = 0;
  private openedAtMs = 0;
  private currentCommitMs = 0;
  private closedHigh = 0;
  private closedLow = 0;

  private readonly table: EpochTable;
  private readonly rings: readonly MarkedRing[];
  private readonly marks: Float64Array;
  private readonly highs: Uint32Array;
  private readonly lows: Uint32Array;
  private readonly rowCounts: Float64Array;
  private readonly closedAtMs: Float64Array;
  private readonly commitMs: Float64Array;
  /** Slots [oldest, oldest + open) modulo the table are closed and not yet done. */
  private oldest = 0;
  private open = 0;

  private doneHigh = 0;
  private doneLow = 0;
  private doneRowCount = 0;
  private donePositions = 0;

  constructor(table: EpochTable, rings: readonly MarkedRing[]) {
    assert((table.slots & (table.slots - 1)) === 0 && table.slots <= 65_536, 'epoch slots are a power of two that fits 16 bits');
    this.table = table;
    this.rings = rings;
    this.marks = new Float64Array(table.slots * rings.length);
    this.highs = new Uint32Array(table.slots);
    this.lows = new Uint32Array(table.slots);
    this.rowCounts = new Float64Array(table.slots);
    this.closedAtMs = new Float64Array(table.slots);
    this.commitMs = new Float64Array(table.slots);
  }

  /** A transaction ended at this position; everything dispatched so far belongs to whole transactions. */
  commit(high: number, low: number): void {
    this.committed = true;
    this.currentHigh = high;
    this.currentLow = low;
  }

  /** Takes back `commit`: a row of the next transaction was dispatched into the same epoch, which cannot close before that one's end. */
  begin(nowMs: number, commitMicrosHigh: number, commitMicrosLow: number): void {
    this.committed = false;
    if (this.rows !== 0) return;
    this.openedAtMs = nowMs;
    // For a lag in seconds, so a double's 53 bits are more than enough.
    this.currentCommitMs = (commitMicrosHigh * 4_294_967_296 + (commitMicrosLow >>> 0)) / 1000;
  }

  /** Milliseconds since the first transaction of the current epoch began; 0 when it is empty. */
  age(nowMs: number): number {
    return this.rows === 0 ? 0 : nowMs - this.openedAtMs;
  }

  /**
   * Ends the current epoch after a commit. Returns false when it stays open: in the middle of a transaction, with nothing to say,
   * or while every slot is taken (it then simply grows).
   */
  close(nowMs: number): boolean {
    if (!this.committed) return false;
    if (this.open === this.table.slots - 1) return false;
    const slot = this.slot;
    for (let i = 0; i < this.rings.length; i++) this.marks[slot * this.rings.length + i] = this.rings[i]!.position;
    this.highs[slot] = this.currentHigh;
    this.lows[slot] = this.currentLow;
    this.rowCounts[slot] = this.rows;
    this.closedAtMs[slot] = nowMs;
    this.commitMs[slot] = this.rows === 0 ? 0 : this.currentCommitMs;
    this.closedHigh = this.currentHigh;
    this.closedLow = this.currentLow;
    this.open += 1;
    this.slot = (slot + 1) & (this.table.slots - 1);
    this.rows = 0;
    this.committed = false;
    this.openedAtMs = nowMs;
    return true;
  }

  /** Moves the done prefix over every epoch that is delivered. Returns whether it moved. A poisoned epoch never passes. */
  advance(): boolean {
    let moved = false;
    while (this.open > 0 && this.isDone(this.oldest)) {
      const slot = this.oldest;
      this.doneHigh = this.highs[slot]!;
      this.doneLow = this.lows[slot]!;
      this.doneRowCount += this.rowCounts[slot]!;
      this.donePositions += 1;
      this.oldest = (slot + 1) & (this.table.slots - 1);
      this.open -= 1;
      moved = true;
    }
    return moved;
  }

  private isDone(slot: number): boolean {
    const rings = this.rings.length;
    for (let i = 0; i < rings; i++) if (!this.rings[i]!.hasPassed(this.marks[slot * rings + i]!)) return false;
    return isDelivered(this.table, slot);
  }

  /** The oldest epoch that is poisoned, or -1. Looked for among the open epochs and the current one. */
  poisonedSlot(): number {
    for (let i = 0; i <= this.open; i++) {
      const slot = (this.oldest + i) & (this.table.slots - 1);
      if (Atomics.load(this.table.words, this.table.base + slot * this.table.stride + this.table.poisoned) !== 0) return slot;
    }
    return -1;
  }

  /** Something to record, though no rows: a position beyond the last closed epoch's. */
  get hasIdleProgress(): boolean {
    return this.committed && this.rows === 0 && (this.currentHigh !== this.closedHigh || this.currentLow !== this.closedLow);
  }

  /** Closed epochs that are not delivered yet. */
  get openEpochs(): number {
    return this.open;
  }

  /** Epochs with rows or a position that are not delivered yet, the one that is being filled included: what people look at. */
  get undelivered(): number {
    return this.open + (this.rows === 0 ? 0 : 1);
  }

  /** True when every closed epoch is done and the current one is empty: all that was read is delivered. */
  get drained(): boolean {
    return this.open === 0 && this.rows === 0;
  }

  /** Milliseconds for which the oldest closed epoch has waited for its delivery; 0 when there is none. */
  oldestWaitMs(nowMs: number): number {
    return this.open === 0 ? 0 : nowMs - this.closedAtMs[this.oldest]!;
  }

  /** Commit time, in milliseconds since 1970, of the oldest transaction that is not delivered yet; 0 when all is. */
  get oldestCommitMs(): number {
    for (let i = 0; i < this.open; i++) {
      const commit = this.commitMs[(this.oldest + i) & (this.table.slots - 1)]!;
      if (commit !== 0) return commit;
    }
    return this.rows === 0 ? 0 : this.currentCommitMs;
  }

  /** End of the done prefix; null before the first epoch is done. */
  get done(): PositionWords | null {
    return this.donePositions === 0 ? null : { high: this.doneHigh, low: this.doneLow };
  }

  /** Rows of all done epochs since the start. */
  get doneRows(): number {
    return this.doneRowCount;
  }
}

/**
 * Whether nothing of an epoch is outstanding and nothing of it was lost. To be asked after the rings: what was counted before a release is
 * seen once the release is.
 */
export function isDelivered({ words, base, stride, outstanding, poisoned }: EpochTable, slot: number): boolean {
  const word = base + slot * stride;
  if (Atomics.load(words, word + outstanding) !== 0) return false;
  return Atomics.load(words, word + poisoned) === 0;
}
