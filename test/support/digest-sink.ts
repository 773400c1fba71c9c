import type { RefusedRow, RowSink } from '../../engine/change/row-sink.ts';

/** A sink that keeps nothing but a number which depends on every call, every argument and every byte: for comparing many runs. */
export class DigestSink implements RowSink {
  readonly takesRefused = false;
  readonly wantsOrigin = true;
  digest = 0;
  calls = 0;

  schema({ id }: { readonly id: number }): boolean {
    this.mix(1, id, 0, 0);
    return true;
  }

  begin(xidHigh: number, xidLow: number, high: number, low: number): void {
    this.mix(2, xidLow, high, low);
    this.mix(2, xidHigh, 0, 0);
  }

  beginWithoutXid(high: number, low: number): void {
    this.mix(2, 0, high, low);
  }

  rowTime(high: number, low: number): void {
    this.mix(2, 1, high, low);
  }

  origin(_gtid: string | null, serverId: number, threadId: number): void {
    this.mix(2, 2, serverId, threadId);
  }

  row(
    operation: number,
    schemaId: number,
    lsnHigh: number,
    lsnLow: number,
    bytes: Uint8Array,
    oldImage: number,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    this.mix(3 + operation, schemaId, lsnHigh, lsnLow);
    this.mix(oldImage, oldEnd - oldStart, newEnd - newStart, 0);
    this.mixBytes(bytes, oldStart, oldEnd);
    this.mixBytes(bytes, newStart, newEnd);
    return true;
  }

  refused({ error }: RefusedRow): never {
    throw error;
  }

  commit(high: number, low: number): void {
    this.mix(6, high, low, 0);
  }

  idle(high: number, low: number): void {
    this.mix(7, high, low, 0);
  }

  truncate(schemaIds: readonly number[], high: number, low: number): void {
    this.mix(8, schemaIds.length, high, low);
    for (const id of schemaIds) this.mix(9, id, 0, 0);
  }

  flush(): void {
    // Depends on the chunks, not on what they hold.
  }

  private mix(a: number, b: number, c: number, d: number): void {
    this.calls += 1;
    for (const word of [a, b, c, d]) this.digest = Math.imul(this.digest ^ word, 0x0100_0193) >>> 0;
  }

  private mixBytes(bytes: Uint8Array, start: number, end: number): void {
    // A range beyond the memory would read undefined, and go unnoticed.
    if (start < 0 || end < start || end > bytes.length) throw new RangeError(`${start} to ${end} of ${bytes.length} bytes`);
    for (let at = start; at < end; at++) this.digest = Math.imul(this.digest ^ bytes[at]!, 0x0100_0193) >>> 0;
  }
}
