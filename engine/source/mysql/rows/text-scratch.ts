import { ByteView, copyBytes } from '../../../base/byte-view.ts';

const FIRST_BYTES = 16 * 1024;
/** Memory for a larger value goes with the next one. */
const KEPT_BYTES = 1024 * 1024;

/** Memory for the text of one value whose length cannot be told beforehand. */
export class TextScratch {
  private readonly view = new ByteView(new Uint8Array(FIRST_BYTES));
  private length = 0;

  /** Makes room for `bytes` more, and returns where they may be written. */
  reserve(bytes: number): ByteView {
    const needed = this.length + bytes;
    if (needed > this.view.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.view.bytes.length));
      larger.set(this.view.bytes.subarray(0, this.length));
      this.view.use(larger);
    }
    return this.view;
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.length;
  }

  /** Takes what was written up to `position`. */
  advance(position: number): void {
    this.length = position;
  }

  byte(value: number): void {
    this.reserve(1).bytes[this.length++] = value;
  }

  /** Appends a string of ASCII. */
  ascii(text: string): void {
    const to = this.reserve(text.length).bytes;
    for (let i = 0; i < text.length; i++) to[this.length++] = text.charCodeAt(i);
  }

  /** Copies all to `output`; -1 when it has no room. */
  copyTo(output: ByteView, position: number): number {
    const end = position + this.length;
    if (end > output.bytes.length) return -1;
    copyBytes(this.view, 0, this.length, output, position);
    return end;
  }

  /** Starts anew. */
  clear(): void {
    this.length = 0;
    if (this.view.bytes.length > KEPT_BYTES) this.view.use(new Uint8Array(FIRST_BYTES));
  }
}
