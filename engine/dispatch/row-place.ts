import type { RowEpoch } from './options.ts';

/** Where the next row belongs: in the stream's open transaction and current epoch, or in a unit of a snapshot. */
export interface RowPlace {
  epoch: RowEpoch;
  /** `RowFlag` */
  readonly flags: number;
  xid: number;
  commitMicrosHigh: number;
  commitMicrosLow: number;
  xoffset: number;
}

/** A place before the first row. */
export function rowPlace(epoch: RowEpoch, flags: number): RowPlace {
  return { epoch, flags, xid: 0, commitMicrosHigh: 0, commitMicrosLow: 0, xoffset: 0 };
}

/** The next row begins a transaction, or follows the rows of a unit. */
export function setPlace(
  place: RowPlace,
  epoch: RowEpoch,
  xid: number,
  commitMicrosHigh: number,
  commitMicrosLow: number,
  xoffset: number,
): void {
  place.epoch = epoch;
  place.xid = xid;
  place.commitMicrosHigh = commitMicrosHigh;
  place.commitMicrosLow = commitMicrosLow;
  place.xoffset = xoffset;
}
