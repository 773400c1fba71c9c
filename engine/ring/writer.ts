import { assert } from '../base/assert.ts';
import { ByteView } from '../base/byte-view.ts';
import { MillraceError } from '../base/errors.ts';
import { ringFailure } from './failure.ts';
import { Control, RECORD_KIND, RECORD_LENGTH, RecordKind, type RingMemory, RingState, SIDE_OFFSET, SIDE_RECORD_BYTES } from './layout.ts';
import type { SideArea, SideRing } from './side.ts';
import { ReaderWaiters } from './wait.ts';

/**
 * The main thread's side of a ring. It never blocks: `reserve` says -1 when there is no room, and `waitForRoom` is a promise.
 *
 *        read            published       position
 *   ─────┴─────────────────┴───────────────┴─────────
 *          the reader's      written, unseen   free
 *
 * A record is written in three steps: `reserve` gives its offset in `data` and `words`, the caller fills it in, `end` makes it part
 * of the ring. What is written is seen by the reader only after `publishTo`, so that one store (and at most one wake-up) serves a
 * whole batch, and so that a held record can still be changed.
 */
export class RingWriter implements SideRing {
  readonly memory: RingMemory;
  /** The ring's data, for records that `reserve` found room for. */
  readonly data: ByteView;
  readonly words: Int32Array;
  /** The side area, for records that `reserveSide` found room for. */
  readonly sideData: ByteView;
  readonly sideWords: Int32Array;
  /** Largest record in bytes that `reserve` takes; a larger one goes to `reserveSide`. */
  readonly recordBytesMax: number;

  private readonly control: Int32Array;
  private readonly side: SideArea;
  private readonly waiters: ReaderWaiters;
  private readonly size: number;
  private readonly mask: number;
  /** Indexes, 32 bits. */
  private written: number;
  private published: number;
  /** The read index when it was last looked at: the real one may be further. */
  private readSeen: number;
  /** The same as a position. The index is looked at before the writer is a ring's length ahead of it, so no wrap is missed. */
  private readPosition: number;
  /** Bytes that `reserve` promised to the next `end`. */
  private reserved = 0;
  /** Where `reserveSide` put the record that the next `end` finishes; its length 0 when it is none of the side area's. */
  private sideStart = 0;
  private sideLength = 0;

  constructor(memory: RingMemory, side: SideArea) {
    this.memory = memory;
    this.side = side;
    this.data = new ByteView(new Uint8Array(memory.data));
    this.words = new Int32Array(memory.data);
    this.sideData = new ByteView(side.bytes);
    this.sideWords = side.words;
    this.control = new Int32Array(memory.control);
    this.waiters = new ReaderWaiters(this.control, () => this.failure());
    this.size = this.data.bytes.length;
    this.mask = this.size - 1;
    // A quarter, so that a held record, a pad and a record always fit together, wherever in the ring they fall.
    this.recordBytesMax = this.size >> 2;
    this.written = Atomics.load(this.control, Control.write);
    this.published = this.written;
    this.readSeen = Atomics.load(this.control, Control.read);
    this.readPosition = this.readSeen >>> 0;
  }

  /**
   * Place behind the last record, published or not. Positions count bytes exactly and do not wrap as indexes do, because a mark may be kept
   * for as long as a partition stalls, while gigabytes pass through the ring for others.
   */
  get position(): number {
    return this.readPosition + ((this.written - this.readSeen) | 0);
  }

  get state(): RingState {
    return Atomics.load(this.control, Control.state) as RingState;
  }

  /** Bytes of the ring in use, published or not, pads included. */
  get used(): number {
    return (this.written - Atomics.load(this.control, Control.read)) | 0;
  }

  /** Bytes of the ring. */
  get capacity(): number {
    return this.size;
  }

  /**
   * Offset in `data` at which a record of `length` bytes (a multiple of 8, at most `recordBytesMax`) may be written, -1 when there
   * is no room. Takes nothing until `end`; a second call in place of `end` is allowed.
   */
  reserve(length: number): number {
    if (length > this.recordBytesMax || (length & 7) !== 0) failLength();
    const offset = this.written & this.mask;
    const tail = this.size - offset;
    const needed = length <= tail ? length : tail + length;
    if (needed > this.size - ((this.written - this.readSeen) | 0)) {
      this.lookAtReader();
      if (needed > this.size - ((this.written - this.readSeen) | 0)) return -1;
    }
    this.sideLength = 0;
    this.reserved = length;
    if (length <= tail) return offset;
    this.pad(offset, tail);
    return 0;
  }

  /**
   * As `reserve`, for a record that is larger than `recordBytesMax`: offset in `sideData`, where the record is written in the same form,
   * or -1 when there is no room for it there or for its reference here. `end(SIDE_RECORD_BYTES)` finishes it.
   * Throws MESSAGE_TOO_LARGE when the side area could never hold it.
   */
  reserveSide(length: number): number {
    if ((length & 7) !== 0) failLength();
    if (length > this.side.size) failTooLarge(length, this.side.size);
    const start = this.side.find(length);
    if (start < 0) return -1;
    const offset = this.reserve(SIDE_RECORD_BYTES);
    if (offset < 0) return -1;
    this.words[(offset + RECORD_LENGTH) >> 2] = SIDE_RECORD_BYTES;
    this.words[(offset + RECORD_KIND) >> 2] = RecordKind.side;
    this.words[(offset + SIDE_OFFSET) >> 2] = start;
    this.sideStart = start;
    this.sideLength = length;
    return start;
  }

  /** The record that was reserved last is whole. `length` is what was reserved in this ring. */
  end(length: number): void {
    if (length !== this.reserved) failLength();
    this.reserved = 0;
    this.written = (this.written + length) | 0;
    if (this.sideLength === 0) return;
    this.side.add(this.sideStart, this.sideLength, this, this.position);
    this.sideLength = 0;
  }

  /** Lets the reader see everything before `position`; wakes it if it sleeps. Nothing happens when it sees that already. */
  publishTo(position: number): void {
    const index = position | 0;
    if (index === this.published) return;
    if (((index - this.published) | 0) < 0 || ((this.written - index) | 0) < 0) failPublish();
    this.published = index;
    Atomics.store(this.control, Control.write, index);
    // The reader sets its flag before it looks at the index a last time, so one of the two sees the other.
    if (Atomics.load(this.control, Control.readerSleeps) === 1) Atomics.notify(this.control, Control.write, 1);
  }

  /** Whether the reader has released everything that was published. */
  get drained(): boolean {
    return Atomics.load(this.control, Control.read) === this.published;
  }

  /** Whether the reader has released everything before `mark`, a former `position`. */
  hasPassed(mark: number): boolean {
    if (this.readPosition >= mark) return true;
    this.lookAtReader();
    return this.readPosition >= mark;
  }

  /** Resolves once `hasPassed(mark)`; rejects with the error that ended the ring when that comes first. */
  async waitUntilPassed(mark: number): Promise<void> {
    if (!this.hasPassed(mark)) await this.waiters.waitUntilPassed(mark | 0);
  }

  /**
   * Resolves when a record of `length` bytes, for which `reserve` or `reserveSide` said -1, is worth trying again. Everything that the
   * reader may see must be published before. Rejects with the error of the reader when that has died, with STOPPED after `stop`.
   */
  async waitForRoom(length: number): Promise<void> {
    const large = length > this.recordBytesMax;
    // The oldest of the side area is another ring's, maybe; its room and the room here come one after the other.
    if (large && this.side.find(length) < 0) await this.side.waitForOldest();
    const inRing = large ? SIDE_RECORD_BYTES : length;
    const tail = this.size - (this.written & this.mask);
    const needed = inRing <= tail ? inRing : tail + inRing;
    const enough = (this.written + needed - this.size) | 0;
    // A quarter of the ring more than that, so that the next wait is not the next record; but never more than the reader can see.
    const ample = (enough + (this.size >> 2)) | 0;
    const mark = ((ample - this.published) | 0) > 0 ? this.published : ample;
    await this.waiters.waitUntilPassed(((mark - enough) | 0) > 0 ? mark : enough);
  }

  /** No more records come: the reader drains what is published and exits. */
  finish(): void {
    this.setState(RingState.ended);
  }

  /** The reader exits without handing over what is left; whoever waits for it is rejected with STOPPED. */
  stop(): void {
    this.setState(RingState.stopped);
  }

  private setState(state: RingState): void {
    for (;;) {
      const current = this.state;
      if (current >= state || current === RingState.failed) return;
      // The reader may fail at this very moment; its error is not overwritten.
      if (Atomics.compareExchange(this.control, Control.state, current, state) === current) break;
    }
    Atomics.notify(this.control, Control.write);
    Atomics.notify(this.control, Control.read);
  }

  private lookAtReader(): void {
    const read = Atomics.load(this.control, Control.read);
    this.readPosition += (read - this.readSeen) | 0;
    this.readSeen = read;
  }

  private failure(): MillraceError | null {
    if (this.state === RingState.stopped) return new MillraceError('STOPPED', 'the encoders were told to stop');
    return ringFailure(this.memory);
  }

  private pad(offset: number, length: number): void {
    this.words[(offset + RECORD_LENGTH) >> 2] = length;
    this.words[(offset + RECORD_KIND) >> 2] = RecordKind.pad;
    this.written = (this.written + length) | 0;
  }
}

function failLength(): never {
  assert(false, 'a record is ended with the length that was reserved: a multiple of 8, within the limit of the ring');
}

function failPublish(): never {
  assert(false, 'only what is written and not yet published can be published');
}

function failTooLarge(length: number, max: number): never {
  throw new MillraceError(
    'MESSAGE_TOO_LARGE',
    `a row takes ${length} bytes and the memory budget allows ${max}, a quarter of it, at most MILLRACE_BUFFER_MEMORY; raise them or exclude the table`,
    { bytes: length, limit: max },
  );
}
