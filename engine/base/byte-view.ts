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

/** A copy of `bytes[start, end)`. `slice` makes none of a Buffer: that stays a view. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** From here on the engine's own copy is faster than ours, the view that it takes included; measured, on shared memory. */
const LONG_BYTES = 1024;

/**
 * Copies `from[start, end)` to `to[position, ..)`. `Uint8Array.set` takes a view for each call and goes through shared memory slowly: a
 * row's 200 bytes take half the time here, and leave no garbage.
 */
export function copyBytes(from: ByteView, start: number, end: number, to: ByteView, position: number): void {
  if (end - start >= LONG_BYTES) {
    to.bytes.set(from.bytes.subarray(start, end), position);
    return;
  }
  const { bytes, view } = from;
  const { bytes: out, view: outView } = to;
  let at = start;
  let p = position;
  for (const last = end - 8; at <= last; at += 8, p += 8) {
    // Two integers and no double: a double that is a NaN may change its bits on the way.
    outView.setInt32(p, view.getInt32(at, true), true);
    outView.setInt32(p + 4, view.getInt32(at + 4, true), true);
  }
  for (; at < end; at++, p++) out[p] = bytes[at]!;
}
