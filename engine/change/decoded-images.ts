import { ByteView } from '../base/byte-view.ts';
import { MillraceError } from '../base/errors.ts';
import type { RowDecoder } from './row-form.ts';

/** Memory that is kept; what one row needs beyond it is given back with the next row. */
const KEPT_BYTES = 256 * 1024;

/**
 * The canonical images of one row at a time, decoded from what the source copied: the old one, and behind it the new one. Filled again for
 * each row, in memory that grows with the row.
 */
export class DecodedImages {
  /** Holds the images, and before them what the caller puts there. */
  readonly output = new ByteView(new Uint8Array(KEPT_BYTES));
  /** The same memory. */
  words = new Int32Array(this.output.bytes.buffer);
  newStart = 0;
  newEnd = 0;
  private readonly bytesMax: number;

  /** @param bytesMax what a row may take, what the caller puts before it included */
  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /**
   * Decodes both images of `input`, empty where there is none, to `output[start, newStart)` and `output[newStart, newEnd)`.
   * @throws MillraceError what the decoder throws; ROW_TOO_LARGE
   */
  decode(decoder: RowDecoder, input: ByteView, oldStart: number, oldEnd: number, newStart: number, newEnd: number, start: number): void {
    if (this.output.bytes.length > KEPT_BYTES) this.take(KEPT_BYTES);
    for (;;) {
      const end = this.one(decoder, input, oldStart, oldEnd, start);
      if (end >= 0) {
        this.newStart = end;
        this.newEnd = this.one(decoder, input, newStart, newEnd, end);
        if (this.newEnd >= 0) return;
      }
      const bytes = this.output.bytes.length;
      if (bytes >= this.bytesMax) failTooLarge(oldEnd - oldStart + newEnd - newStart, this.bytesMax);
      this.take(Math.min(2 * bytes, this.bytesMax));
    }
  }

  private one(decoder: RowDecoder, input: ByteView, start: number, end: number, position: number): number {
    return start === end ? position : decoder.decode(input, start, end, this.output, position);
  }

  private take(bytes: number): void {
    this.output.use(new Uint8Array((bytes + 7) & ~7));
    this.words = new Int32Array(this.output.bytes.buffer);
  }
}

function failTooLarge(bytes: number, limit: number): never {
  const message =
    `a row that takes ${bytes} bytes in the log takes more than ${limit} as text, which is a quarter of the memory budget; ` +
    'raise MILLRACE_MEMORY, or exclude the table';
  throw new MillraceError('ROW_TOO_LARGE', message, { bytes, limit });
}
