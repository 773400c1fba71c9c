import {
  alignRecord,
  NO_GTID,
  ORIGIN_GTID_LENGTH,
  ORIGIN_HEADER_BYTES,
  ORIGIN_SERVER_ID,
  ORIGIN_THREAD_ID,
  RECORD_KIND,
  RECORD_LENGTH,
  RecordKind,
} from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';

/** Who made the open transaction, as rings are told of it before the first of its rows that they get. */
export class OriginWriter {
  private gtid: Uint8Array | null = null;
  private serverId = 0;
  private threadId = 0;
  /** Counts origins; a ring that has had another one lacks the current. */
  private number = 0;
  private readonly told: Int32Array;

  /** @param rings how many there are */
  constructor(rings: number) {
    this.told = new Int32Array(rings);
  }

  set(gtid: string | null, serverId: number, threadId: number): void {
    this.gtid = gtid === null ? null : Buffer.from(gtid);
    this.serverId = serverId;
    this.threadId = threadId;
    this.number = (this.number + 1) | 0;
  }

  /** Whether a ring has been told of the current origin; of none is nothing to tell. */
  isTold(ring: number): boolean {
    return this.told[ring] === this.number;
  }

  /**
   * Writes the origin into ring `index`, unpublished.
   * @returns 0, or the length of the record that there is no room for now
   */
  write(ring: RingWriter, index: number): number {
    const { gtid } = this;
    const length = alignRecord(ORIGIN_HEADER_BYTES + (gtid?.length ?? 0));
    const offset = ring.reserve(length);
    if (offset < 0) return length;
    const { words } = ring;
    words[(offset + RECORD_LENGTH) >> 2] = length;
    words[(offset + RECORD_KIND) >> 2] = RecordKind.origin;
    words[(offset + ORIGIN_SERVER_ID) >> 2] = this.serverId;
    words[(offset + ORIGIN_THREAD_ID) >> 2] = this.threadId;
    words[(offset + ORIGIN_GTID_LENGTH) >> 2] = gtid?.length ?? NO_GTID;
    if (gtid !== null) ring.data.bytes.set(gtid, offset + ORIGIN_HEADER_BYTES);
    ring.end(length);
    this.told[index] = this.number;
    return 0;
  }
}
