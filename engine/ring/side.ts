import { alignRecord } from './layout.ts';

/** The ring that holds a side record's reference: what the area must know of it. */
export interface SideRing {
  /** Whether the ring's reader has released everything before `mark`. */
  hasPassed(mark: number): boolean;
  /** Resolves once that is so; rejects when the ring has failed. */
  waitUntilPassed(mark: number): Promise<void>;
}

interface SideRecord {
  readonly start: number;
  readonly end: number;
  readonly ring: SideRing;
  /** Index of the ring behind the reference: once it is released the bytes are free. */
  readonly mark: number;
}

/**
 * Where records lie that are too large for a ring. One area for all rings of a capture, so that one limit holds for all of them;
 * only the main thread keeps its books, the workers just read at the offsets that references name.
 *
 *            oldest                 newest
 *   ├─ free ─┤record│record│ record ├──── free ─────┤      used in turn; a record never wraps
 *
 * One block of memory rather than one for each record: shared memory is freed only when every thread's garbage collector
 * has run, which nothing makes them do. Pages that were never used take no memory.
 */
export class SideArea {
  readonly memory: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  private readonly records: SideRecord[] = [];

  /** @param bytesMax all records together, and so the largest one, in bytes */
  constructor(bytesMax: number) {
    this.memory = new SharedArrayBuffer(alignRecord(bytesMax));
    this.bytes = new Uint8Array(this.memory);
    this.words = new Int32Array(this.memory);
  }

  /** Largest record in bytes. */
  get size(): number {
    return this.bytes.length;
  }

  /** Bytes from the oldest record that is not released to the newest, those skipped at the end included. */
  get used(): number {
    this.forgetReleased();
    const oldest = this.records[0];
    const newest = this.records.at(-1);
    if (oldest === undefined || newest === undefined) return 0;
    return newest.end > oldest.start ? newest.end - oldest.start : this.size - oldest.start + newest.end;
  }

  /** Offset of `length` free bytes, or -1 while there are none. Takes nothing yet: `add` does. */
  find(length: number): number {
    this.forgetReleased();
    const oldest = this.records[0];
    const newest = this.records.at(-1);
    if (oldest === undefined || newest === undefined) return length <= this.size ? 0 : -1;
    if (newest.end <= oldest.start) return length <= oldest.start - newest.end ? newest.end : -1;
    if (length <= this.size - newest.end) return newest.end;
    return length <= oldest.start ? 0 : -1;
  }

  /** Takes the bytes that `find` found, until `ring` has passed `mark`. */
  add(start: number, length: number, ring: SideRing, mark: number): void {
    this.records.push({ start, end: start + length, ring, mark });
  }

  /** Resolves once the oldest record is released; at once when there is none. */
  async waitForOldest(): Promise<void> {
    this.forgetReleased();
    const oldest = this.records[0];
    if (oldest !== undefined) await oldest.ring.waitUntilPassed(oldest.mark);
  }

  private forgetReleased(): void {
    while (this.records[0] !== undefined && this.records[0].ring.hasPassed(this.records[0].mark)) this.records.shift();
  }
}
