import type { MillraceError } from '../base/errors.ts';
import type { OldImage, Operation } from './operation.ts';
import type { TableSchema } from './table-schema.ts';

/** A row that the source cannot give as it is, and why. */
export interface RefusedRow {
  readonly error: MillraceError;
  readonly operation: Operation;
  readonly schemaId: number;
  readonly lsnHigh: number;
  readonly lsnLow: number;
  readonly bytes: Uint8Array;
  readonly oldImage: OldImage;
  /** As in `RowSink.row`. */
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
  /** Bytes of the row where `bytes` holds its beginning alone, which then is no image; null when all of it is there. */
  readonly cutFrom: number | null;
}

/**
 * Where a source puts what it reads: the dispatcher. One call per row, no object per row.
 * A method that returns false had no room: the source keeps the frame, stops reading and calls again with the same arguments
 * after `source.resume()`; nothing of the refused call has taken effect.
 */
export interface RowSink {
  /** A new version of a table, before its first row. False when the table was not selected: its rows need not be given. */
  schema(schema: TableSchema): boolean;
  /**
   * A committed transaction begins. `xid` and commit time (microseconds since 1970 UTC) are two's-complement numbers of 64 bits in two
   * words each, the high ones signed; PostgreSQL's xid of 32 bits, which messages show signed, is extended by its sign.
   */
  begin(xidHigh: number, xidLow: number, commitMicrosHigh: number, commitMicrosLow: number): void;
  /** As `begin`, for a transaction that has no xid. */
  beginWithoutXid(commitMicrosHigh: number, commitMicrosLow: number): void;
  /** The rows that follow in the transaction changed at this time, not at its commit. Not called where messages tell the commit's time. */
  rowTime(microsHigh: number, microsLow: number): void;
  /**
   * Who made the transaction that has begun; called when `wantsOrigin` alone. `gtid` is null where the log has none; ids are unsigned and
   * have 32 bits.
   */
  origin(gtid: string | null, serverId: number, threadId: number): void;
  /** Whether messages or partitions depend on who made a transaction. */
  readonly wantsOrigin: boolean;
  /**
   * One row: `bytes[oldStart, oldEnd)` and `bytes[newStart, newEnd)` are row images (`change/operation.ts`), or what the schema's form makes
   * of them (`change/row-form.ts`); empty where there is none. Where the place of a row is no LSN, its two words are
   * `file number << 40 | offset`.
   */
  row(
    operation: Operation,
    schemaId: number,
    lsnHigh: number,
    lsnLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean;
  /** Whether rows that cannot be given are taken as dead letters. */
  readonly takesRefused: boolean;
  /**
   * A row in place of `row`, for the dead-letter topic. False as `row` says it.
   * @throws MillraceError the row's own where no dead letters are taken
   */
  refused(row: RefusedRow): boolean;
  /**
   * The transaction is whole; `position` is where a restart would go on after it (PostgreSQL: the commit's end LSN). Called for each
   * commit; made lazily.
   */
  commit(positionHigh: number, positionLow: number): void;
  /** No transaction is open and everything up to `position` has been read: progress without rows. */
  idle(positionHigh: number, positionLow: number): void;
  /** TRUNCATE of tables, by schema id; logged and counted. */
  truncate(schemaIds: readonly number[], lsnHigh: number, lsnLow: number): void;
  /** All that has been taken in so far may be published to the workers: called at the end of each read. */
  flush(): void;
}
