/** Puts images together that leave columns out (`rows/layout.ts`): the event has the bitmap of present columns once, for all its rows. */
export class PartialImages {
  bytes = new Uint8Array(4096);
  private bitmapBytes = 0;
  private end = 0;

  /** Begins the images of a row. */
  begin(columns: number): void {
    this.bitmapBytes = (columns + 7) >> 3;
    this.end = 0;
  }

  /** Adds an image: the bitmap at `present` of one memory, `bytes[start, end)` of another. Returns where it ends in `this.bytes`. */
  add(bitmaps: Uint8Array, present: number, bytes: Uint8Array, start: number, end: number): number {
    const needed = this.end + this.bitmapBytes + end - start;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
    this.bytes.set(bitmaps.subarray(present, present + this.bitmapBytes), this.end);
    this.bytes.set(bytes.subarray(start, end), this.end + this.bitmapBytes);
    this.end = needed;
    return needed;
  }
}
