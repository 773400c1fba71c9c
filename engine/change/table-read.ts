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
      /** Why, in the words of who orders; the messages of a bootstrap repeat it. Null for none. */
      readonly comment: string | null;
    }
  | { readonly kind: 'cancel-read'; readonly id: string };

/**
 *   waiting ──► reading ──► done
 *      └───────────┴──────► cancelled, failed
 */
export type ReadState = 'waiting' | 'reading' | 'done' | 'cancelled' | 'failed';

export type ReadMark = 'start' | 'complete';

/** Most characters of a comment. */
export const COMMENT_LENGTH_MAX = 1000;

/** What is wrong with the comment of an order; null for nothing. */
export function commentProblem(comment: unknown): string | null {
  if (comment === null || (typeof comment === 'string' && comment.length <= COMMENT_LENGTH_MAX)) return null;
  return `comment: accepted: a text of up to ${COMMENT_LENGTH_MAX} characters`;
}

/** A table that is read beside the stream, as a checkpoint keeps track of it. */
export interface TableRead {
  readonly id: string;
  /** `schema.table` */
  readonly table: string;
  readonly where: string | null;
  readonly comment: string | null;
  /** The next message about it that is due, before its rows or behind them; null where there are none. */
  readonly mark: ReadMark | null;
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

/** Of a read all rows are delivered and recorded, and its last mark is due. */
export function hasAllRows({ mark, progress }: Pick<TableRead, 'mark' | 'progress'>): boolean {
  return mark === 'complete' && progress !== null && progress.finishedAt !== null;
}

export interface ReadFailure {
  readonly code: string;
  readonly message: string;
}
