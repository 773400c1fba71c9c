import type { MovedRow, SnapshotRecord } from './snapshot.ts';

/** What is asked of a capture beside its stream. Both kinds may come twice: an id that is known, or over, changes nothing. */
export type ReadOrder =
  | {
      readonly kind: 'read-table';
      /** Chosen by who orders; names the read from then on. */
      readonly id: string;
      /** `schema.table`, as the catalogue spells it. */
      readonly table: string;
      /** SQL for which the rows that are wanted hold; null for all. */
      readonly where: string | null;
    }
  | { readonly kind: 'cancel-read'; readonly id: string };

/**
 *   waiting ──► reading ──► done
 *      └───────────┴──────► cancelled, failed
 */
export type ReadState = 'waiting' | 'reading' | 'done' | 'cancelled' | 'failed';

/** A table that is read beside the stream, as a checkpoint keeps track of it. */
export interface TableRead {
  readonly id: string;
  /** `schema.table` */
  readonly table: string;
  readonly where: string | null;
  /** It joined the changefeed: once it is read, it counts among the tables of the snapshot. */
  readonly joins: boolean;
  readonly state: ReadState;
  /** Which chunks are done; null before the first is planned, and when the read is over. */
  readonly progress: SnapshotRecord | null;
  /** Rows acknowledged, decimal digits. */
  readonly rows: string;
  /** The server's estimate for the whole table; 0 while it has none. */
  readonly expectedRows: number;
  readonly chunksDone: number;
  /** 0 before they are planned. */
  readonly chunks: number;
  /** Rows that are to be read again at the end: they got another key meanwhile. */
  readonly moved: readonly MovedRow[];
  /** Why it failed; null in every other state. */
  readonly error: ReadFailure | null;
}

export interface ReadFailure {
  readonly code: string;
  readonly message: string;
}
