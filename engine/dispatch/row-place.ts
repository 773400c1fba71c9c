import type { RowEpoch } from './options.ts';

/** Where the next row belongs: in the stream's open transaction and current epoch, or in a unit of a snapshot. */
export interface RowPlace {
  epoch: RowEpoch;
  /** `RowFlag` */
  flags: number;
  xidHigh: number;
  xid: number;
  commitMicrosHigh: number;
  commitMicrosLow: number;
  xoffset: number;
  /** Of who made the transaction; 0 where that is not told. */
  threadId: number;
}

/** A place before the first row. */
export function rowPlace(epoch: RowEpoch, flags: number): RowPlace {
  return { epoch, flags, xidHigh: 0, xid: 0, commitMicrosHigh: 0, commitMicrosLow: 0, xoffset: 0, threadId: 0 };
}

/** The next row begins a transaction, or follows the rows of a unit. */
export function setPlace(
  place: RowPlace,
  epoch: RowEpoch,
  xidHigh: number,
  xid: number,
  commitMicrosHigh: number,
  commitMicrosLow: number,
  xoffset: number,
): void {
  place.epoch = epoch;
  place.xidHigh = xidHigh;
  place.xid = xid;
  place.commitMicrosHigh = commitMicrosHigh;
  place.commitMicrosLow = commitMicrosLow;
  place.xoffset = xoffset;
  place.threadId = 0;
}
