import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ByteView } from '../../../base/byte-view.ts';
import { MillraceError } from '../../../base/errors.ts';

/** What one read or write of the file takes: short enough for whoever waits for this thread meanwhile. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file for what does not fit in memory: appended, cut, read from the beginning. It is there while it holds something, open and without a
 * name, so that nothing is left of it after a crash. What was appended is in a buffer until that is full.
 */
export class SpillFile {
  /** The bytes that `load` brought. */
  readonly loaded = new ByteView(new Uint8Array(0));

  private readonly directory: string;
  private descriptor: number | null = null;
  private written = 0;
  private buffer: Buffer | null = null;
  private buffered = 0;
  /** What of the file `loaded` holds. */
  private loadedFrom = 0;
  private loadedTo = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  get size(): number {
    return this.written + this.buffered;
  }

  /** @throws MillraceError `SPILL_FAILED` */
  append(head: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
    this.buffer ??= Buffer.allocUnsafeSlow(CHUNK_BYTES);
    const length = head.length + end - start;
    if (this.buffered + length > CHUNK_BYTES) this.flush();
    if (length > CHUNK_BYTES) {
      this.write(head);
      this.write(bytes.subarray(start, end));
      return;
    }
    this.buffer.set(head, this.buffered);
    this.buffer.set(bytes.subarray(start, end), this.buffered + head.length);
    this.buffered += length;
  }

  /** Keeps the first `size` bytes. */
  cut(size: number): void {
    if (size >= this.size) return;
    if (size >= this.written) this.buffered = size - this.written;
    else {
      this.written = size;
      this.buffered = 0;
    }
    this.loadedFrom = this.loadedTo = 0;
    if (size === 0) this.close();
  }

  /**
   * Brings `length` bytes from `from` on, and what follows them as far as there is room: in `loaded`, from the returned index on.
   * @throws MillraceError `SPILL_FAILED`
   */
  load(from: number, length: number): number {
    if (from < this.loadedFrom || from + length > this.loadedTo) {
      this.flush();
      const wanted = Math.min(this.written - from, Math.max(length, CHUNK_BYTES));
      if (this.loaded.bytes.length < wanted) this.loaded.use(Buffer.allocUnsafeSlow(Math.max(wanted, CHUNK_BYTES)));
      this.read(from, wanted);
      this.loadedFrom = from;
      this.loadedTo = from + wanted;
    }
    return from - this.loadedFrom;
  }

  /** Forgets everything. */
  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
    this.written = this.buffered = 0;
    this.loadedFrom = this.loadedTo = 0;
    this.buffer = null;
    this.loaded.use(new Uint8Array(0));
  }

  private flush(): void {
    if (this.buffered === 0) return;
    const length = this.buffered;
    this.buffered = 0;
    this.write(this.buffer!.subarray(0, length));
  }

  private write(bytes: Uint8Array): void {
    this.attempt('write', () => {
      this.descriptor ??= this.open();
      for (let done = 0; done < bytes.length;) done += writeSync(this.descriptor, bytes, done, bytes.length - done, this.written + done);
    });
    this.written += bytes.length;
  }

  private read(from: number, length: number): void {
    this.attempt('read', () => {
      for (let done = 0; done < length;) {
        const read = readSync(this.descriptor!, this.loaded.bytes, done, length - done, from + done);
        if (read === 0) throw new Error('the file is shorter than what was written to it');
        done += read;
      }
    });
  }

  private open(): number {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, `transaction-${process.pid}.spill`);
    rmSync(path, { force: true });
    const descriptor = openSync(path, 'wx+', 0o600);
    rmSync(path);
    return descriptor;
  }

  private attempt(what: string, action: () => void): void {
    try {
      action();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message =
        `A transaction that is not decided yet is larger than what is kept in memory, and its file in ${this.directory} could not be ` +
        `${what === 'write' ? 'written' : 'read'} at ${this.written} bytes: ${reason}. ` +
        'Make room there, or give MILLRACE_STATE_DIR a file system that has it.';
      throw new MillraceError('SPILL_FAILED', message, { directory: this.directory, bytes: this.written }, { cause });
    }
  }
}
