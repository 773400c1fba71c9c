import { MillraceError } from '../../base/errors.ts';
import { compareLsn, formatLsn } from './lsn.ts';

/**
 * The transaction that is being read, and after a lost connection the one that was.
 *
 *   begin ──► rows ... ──► end             between transactions: a reconnect goes on behind the last one
 *               │ connection lost
 *               ▼
 *         begin again (same commit LSN, xid) ──► rows that were read are passed over by index ──► rows ... ──► end
 *
 * The server sends a transaction again byte for byte, since it decodes the same log with the catalogue of that time. Should it not,
 * the capture goes back to its checkpoint.
 */
export class Transaction {
  isOpen = false;
  /** The server's number, unsigned 32 bits; 0 before the first. */
  xid = 0;
  private commitHigh = 0;
  private commitLow = 0;
  /** Rows (and TRUNCATEs) so far, and the place of the last one. */
  private rows = 0;
  private rowHigh = 0;
  private rowLow = 0;
  /** Rows that were read before the connection was lost, still to be passed over. */
  private skipLeft = 0;
  private mustBeginAgain = false;

  /** Nothing is half read. */
  get isNone(): boolean {
    return !this.isOpen && !this.mustBeginAgain;
  }

  /**
   * Begin. True: it is new; false: its first rows were read before.
   * @throws MillraceError `STREAM_DIVERGED`
   */
  begin(commitHigh: number, commitLow: number, xid: number): boolean {
    this.isOpen = true;
    if (this.mustBeginAgain) {
      if (commitHigh !== this.commitHigh || commitLow !== this.commitLow || xid !== this.xid) {
        throw this.diverged(`transaction ${xid} of ${formatLsn(commitHigh, commitLow)}`);
      }
      this.mustBeginAgain = false;
      this.skipLeft = this.rows;
      this.rows = 0;
      return false;
    }
    this.commitHigh = commitHigh;
    this.commitLow = commitLow;
    this.xid = xid;
    this.rows = 0;
    return true;
  }

  /** Whether a commit LSN is that of this transaction's Begin. */
  isCommittedAt(high: number, low: number): boolean {
    return high === this.commitHigh && low === this.commitLow;
  }

  /** @throws MillraceError `STREAM_DIVERGED` */
  end(): void {
    if (this.skipLeft > 0) throw this.diverged(`the same transaction with ${this.skipLeft} rows less`);
    this.isOpen = false;
  }

  /** A row was taken. */
  countRow(lsnHigh: number, lsnLow: number): void {
    this.rows += 1;
    this.rowHigh = lsnHigh;
    this.rowLow = lsnLow;
  }

  /**
   * Whether the row at this place was read before the connection was lost; it is then counted.
   * @throws MillraceError `STREAM_DIVERGED`
   */
  passesOver(lsnHigh: number, lsnLow: number): boolean {
    if (this.skipLeft === 0) return false;
    if (this.skipLeft === 1 && (lsnHigh !== this.rowHigh || lsnLow !== this.rowLow)) {
      throw this.diverged(`its row ${this.rows} at ${formatLsn(lsnHigh, lsnLow)} instead of ${formatLsn(this.rowHigh, this.rowLow)}`);
    }
    this.skipLeft -= 1;
    this.rows += 1;
    return true;
  }

  /**
   * The server has sent all that was committed up to here.
   * @throws MillraceError `STREAM_DIVERGED` when this one should have been among it
   */
  checkPassed(high: number, low: number): void {
    if (this.mustBeginAgain && compareLsn(high, low, this.commitHigh, this.commitLow) > 0) throw this.diverged('later ones without it');
  }

  /** The connection is lost. A transaction that was open must come again, whole; what was passed over of it still counts as read. */
  lose(): void {
    if (this.isOpen) this.mustBeginAgain = true;
    this.rows += this.skipLeft;
    this.skipLeft = 0;
    this.isOpen = false;
  }

  private diverged(found: string): MillraceError {
    const commit = formatLsn(this.commitHigh, this.commitLow);
    const message = `After the reconnect the server was to send transaction ${this.xid} of ${commit} again, but sent ${found}.`;
    return new MillraceError('STREAM_DIVERGED', message, { xid: this.xid, commit });
  }
}
