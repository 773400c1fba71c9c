import { ByteView, copyBytes } from '../../../base/byte-view.ts';
import { SpillFile } from './spill-file.ts';

const FIRST_BYTES = 256 * 1024;
/** In front of each event: its length with this, what the caller noted of it. */
const NOTE_BYTES = 16;

export interface HeldEventsOptions {
  /** Events beyond this many bytes go to a file. */
  readonly memoryBytes: number;
  /** Directory for that file. */
  readonly directory: string;
}

/**
 * The events of a transaction that is not decided yet, as the log has them: the first ones in memory, the others in a file. They are taken
 * back by cutting (a savepoint), or read from the first on (a commit).
 */
export class HeldEvents {
  /** The event that `next` came to: `bytes[start, end)`, and the numbers that it was added with. */
  bytes: Uint8Array;
  start = 0;
  end = 0;
  table = 0;
  placeHigh = 0;
  placeLow = 0;

  private readonly memory: ByteView;
  private readonly memoryBytes: number;
  private readonly spill: SpillFile;
  private readonly source = new ByteView(new Uint8Array(0));
  private memoryEnd = 0;
  /** Where `next` goes on. */
  private readAt = 0;

  constructor({ memoryBytes, directory }: HeldEventsOptions) {
    this.memoryBytes = memoryBytes;
    this.memory = new ByteView(Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, memoryBytes)));
    this.bytes = this.memory.bytes;
    this.spill = new SpillFile(directory);
  }

  /** Bytes held; what `cut` is called with. */
  get size(): number {
    return this.memoryEnd + this.spill.size;
  }

  /**
   * Adds `bytes[start, end)`.
   * @throws MillraceError `SPILL_FAILED`
   */
  add(table: number, placeHigh: number, placeLow: number, bytes: Uint8Array, start: number, end: number): void {
    const length = NOTE_BYTES + end - start;
    if (this.spill.size > 0 || !this.makeRoom(length)) {
      this.spill.append(noted(length, table, placeHigh, placeLow), bytes, start, end);
      return;
    }
    const { view } = this.memory;
    const at = this.memoryEnd;
    view.setInt32(at, length);
    view.setInt32(at + 4, table);
    view.setInt32(at + 8, placeHigh);
    view.setInt32(at + 12, placeLow);
    this.source.use(bytes);
    copyBytes(this.source, start, end, this.memory, at + NOTE_BYTES);
    this.memoryEnd = at + length;
  }

  private makeRoom(length: number): boolean {
    const needed = this.memoryEnd + length;
    if (needed > this.memoryBytes) return false;
    const { bytes } = this.memory;
    if (needed > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.memoryBytes, Math.max(needed, bytes.length * 2)));
      larger.set(bytes.subarray(0, this.memoryEnd));
      this.memory.use(larger);
    }
    return true;
  }

  /** Takes back what was added after the size was `size`. */
  cut(size: number): void {
    this.spill.cut(Math.max(0, size - this.memoryEnd));
    this.memoryEnd = Math.min(this.memoryEnd, size);
  }

  /** Takes everything back, and is at the beginning again. */
  clear(): void {
    this.cut(0);
    this.readAt = 0;
  }

  /**
   * Goes on to the next event; false when there is none.
   * @throws MillraceError `SPILL_FAILED`
   */
  next(): boolean {
    if (this.readAt >= this.size) return false;
    let { bytes, view } = this.memory;
    let at = this.readAt;
    if (at >= this.memoryEnd) {
      at = this.spill.load(at - this.memoryEnd, NOTE_BYTES);
      ({ bytes, view } = this.spill.loaded);
      at = this.spill.load(this.readAt - this.memoryEnd, view.getInt32(at));
      ({ bytes, view } = this.spill.loaded);
    }
    const length = view.getInt32(at);
    this.bytes = bytes;
    this.start = at + NOTE_BYTES;
    this.end = at + length;
    this.table = view.getInt32(at + 4);
    this.placeHigh = view.getInt32(at + 8);
    this.placeLow = view.getInt32(at + 12);
    this.readAt += length;
    return true;
  }

  /** Removes the file. */
  close(): void {
    this.spill.close();
  }
}

function noted(length: number, table: number, placeHigh: number, placeLow: number): Buffer {
  const note = Buffer.allocUnsafe(NOTE_BYTES);
  note.writeInt32BE(length, 0);
  note.writeInt32BE(table | 0, 4);
  note.writeInt32BE(placeHigh | 0, 8);
  note.writeInt32BE(placeLow | 0, 12);
  return note;
}
