import { assert } from '../base/assert.ts';
import { Control, RECORD_KIND, RECORD_LENGTH, RecordKind, type RingMemory, RingState, SIDE_OFFSET } from './layout.ts';

/** Where a record lies: at byte `record` of `bytes` and of `words`, which are the same memory. */
export interface RecordPlace {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly record: number;
}

/**
 * A worker's side of a ring: a cursor over the records that the writer has published.
 *
 *   while (reader.claim())          everything published by now
 *     while (reader.next())         one record: reader.kind, at reader.record of reader.bytes and reader.words
 *       ...
 *     reader.release(position)      only what has been handed over: the writer may overwrite it, and counts it as gone out
 *
 * A record of the side area looks the same as one of the ring: only `bytes` and `words` are other memory.
 */
export class RingReader implements RecordPlace {
  /** The current record's memory, kind (never `pad` or `side`) and byte offset. */
  bytes: Uint8Array;
  words: Int32Array;
  kind: number = RecordKind.pad;
  record = 0;
  /** Index behind the current record: what to release when all up to it has been handed over. */
  position: number;

  private readonly control: Int32Array;
  private readonly ringBytes: Uint8Array;
  private readonly ringWords: Int32Array;
  private readonly sideBytes: Uint8Array;
  private readonly sideWords: Int32Array;
  private readonly mask: number;
  private claimed: number;
  private released: number;

  constructor(memory: RingMemory) {
    this.control = new Int32Array(memory.control);
    this.ringBytes = new Uint8Array(memory.data);
    this.ringWords = new Int32Array(memory.data);
    this.sideBytes = new Uint8Array(memory.side);
    this.sideWords = new Int32Array(memory.side);
    this.bytes = this.ringBytes;
    this.words = this.ringWords;
    this.mask = this.ringBytes.length - 1;
    this.position = Atomics.load(this.control, Control.read);
    this.claimed = this.position;
    this.released = this.position;
  }

  get state(): RingState {
    return Atomics.load(this.control, Control.state) as RingState;
  }

  /** Takes everything that is published by now; false when there is nothing that `next` has not given. */
  claim(): boolean {
    this.claimed = Atomics.load(this.control, Control.write);
    return this.claimed !== this.position;
  }

  /** Index behind the last claimed record. */
  get claimedEnd(): number {
    return this.claimed;
  }

  /** Moves to `position`, the beginning of a claimed record or behind the last: those before it were read by other means. */
  skipTo(position: number): void {
    assert(((position - this.position) | 0) >= 0 && ((this.claimed - position) | 0) >= 0, 'only claimed records are skipped');
    this.position = position;
  }

  /** Moves to the next claimed record; false behind the last. */
  next(): boolean {
    let position = this.position;
    while (position !== this.claimed) {
      const offset = position & this.mask;
      const length = this.ringWords[(offset + RECORD_LENGTH) >> 2]!;
      const kind = this.ringWords[(offset + RECORD_KIND) >> 2]! & 0xff;
      // Pairs with the writer's own check: memory that another thread filled is not believed.
      if (length < 8 || (length & 7) !== 0 || length > ((this.claimed - position) | 0)) failRecord();
      position = (position + length) | 0;
      this.position = position;
      if (kind === RecordKind.pad) continue;
      if (kind === RecordKind.side) {
        this.enterSide(this.ringWords[(offset + SIDE_OFFSET) >> 2]!);
      } else {
        this.bytes = this.ringBytes;
        this.words = this.ringWords;
        this.kind = kind;
        this.record = offset;
      }
      return true;
    }
    return false;
  }

  /** Gives everything before `position` back to the writer, and wakes it if it waits for that. */
  release(position: number): void {
    if (position === this.released) return;
    if (((position - this.released) | 0) < 0 || ((this.position - position) | 0) < 0) failRelease();
    this.released = position;
    Atomics.store(this.control, Control.read, position);
    if (Atomics.load(this.control, Control.writerWaits) === 0) return;
    if (((position - Atomics.load(this.control, Control.writerMark)) | 0) < 0) return;
    Atomics.store(this.control, Control.writerWaits, 0);
    Atomics.notify(this.control, Control.read);
  }

  /** Sleeps until something is published that `claim` has not taken, the ring ends, or so many milliseconds have passed. */
  sleep(milliseconds: number): void {
    Atomics.store(this.control, Control.readerSleeps, 1);
    // `wait` compares the index itself, after the flag is set: a publication between the two is not slept through.
    if (this.state === RingState.open) Atomics.wait(this.control, Control.write, this.claimed, milliseconds);
    Atomics.store(this.control, Control.readerSleeps, 0);
  }

  private enterSide(offset: number): void {
    this.bytes = this.sideBytes;
    this.words = this.sideWords;
    this.kind = this.sideWords[(offset + RECORD_KIND) >> 2]! & 0xff;
    this.record = offset;
  }
}

function failRecord(): never {
  assert(false, 'a record of the ring has a length that cannot be');
}

function failRelease(): never {
  assert(false, 'only records that were read and not yet released are released');
}
