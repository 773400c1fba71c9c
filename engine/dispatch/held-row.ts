import { RowFlag } from '../ring/layout.ts';

/**
 * The last row of the stream so far, which stays unpublished until a next one or the commit: the last one of a transaction is flagged as
 * such.
 */
export class HeldRow {
  /** Index of its ring, -1 when none is held. */
  private ring = -1;
  private position = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private flag = 0;

  /** @param position index of ring `ring` where the row begins @param flag byte of `bytes` where its flags are */
  hold(ring: number, position: number, bytes: Uint8Array, flag: number): void {
    this.ring = ring;
    this.position = position;
    this.bytes = bytes;
    this.flag = flag;
  }

  /** It is its transaction's last. */
  commit(): void {
    if (this.ring >= 0) this.bytes[this.flag] = this.bytes[this.flag]! | RowFlag.commit;
    this.ring = -1;
  }

  /** It is not. */
  letGo(): void {
    this.ring = -1;
  }

  /** Up to where a ring whose next record goes to `end` may be published. */
  endOf(ring: number, end: number): number {
    return ring === this.ring ? this.position : end;
  }
}
