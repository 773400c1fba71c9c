/**
 * Which transactions a query shows: PostgreSQL's `pg_snapshot`, printed as `xmin:xmax:xip,xip,...`. A transaction is in the log before
 * queries show it, so the stream can be ahead of the catalogue: for a moment, or for as long as a commit waits for a synchronous standby.
 */
export class Snapshot {
  /** 64-bit transaction ids: those from here on had not begun ... */
  private readonly end: bigint;
  /** ... and these were not over. */
  private readonly open: ReadonlySet<bigint>;

  /** @param text as the server prints it */
  constructor(text: string) {
    const [, end, open] = /^\d+:(\d+):([\d,]*)$/.exec(text)!;
    this.end = BigInt(end!);
    this.open = new Set(open === '' ? [] : open!.split(',').map(BigInt));
  }

  /** Whether it shows what this transaction did, which is known to have been committed; an id of the stream has 32 bits and wraps. */
  shows(xid: number): boolean {
    const distance = BigInt.asIntN(32, BigInt(xid) - this.end);
    return distance < 0n && !this.open.has(this.end + distance);
  }
}
