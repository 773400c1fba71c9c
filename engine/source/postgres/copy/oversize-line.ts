import { LETTER_HEAD_BYTES } from '../../../change/dead-letter.ts';

/** A line that is too large to be put together, so that memory stays flat: its first bytes, as they come, and its length. */
export class OversizeLine {
  /** Of the whole line. */
  length = 0;
  private readonly first: Uint8Array[] = [];
  private firstLength = 0;

  begin(length: number): void {
    this.length = length;
    this.first.length = 0;
    this.firstLength = 0;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    // A copy, which `slice` of a Buffer is not.
    const piece = Uint8Array.from(bytes.subarray(start, Math.min(end, start + LETTER_HEAD_BYTES - this.firstLength)));
    this.first.push(piece);
    this.firstLength += piece.length;
  }

  /** The line's beginning, as COPY writes it. */
  get bytes(): Uint8Array {
    return Buffer.concat(this.first);
  }
}
