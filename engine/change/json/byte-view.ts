/**
 * Bytes, and a DataView on the same memory: its accessors become single unaligned loads and stores of 4 or 8 bytes, which typed arrays
 * cannot do. Kept as one object so that a buffer which changes rarely (a ring, a slab) costs one comparison a row.
 */
export class ByteView {
  bytes: Uint8Array;
  view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Turns to other memory; free when it is the same array as before. */
  use(bytes: Uint8Array): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
