import type { SnapshotRecord } from '../../engine/change/snapshot.ts';

/** What a writer did to one row, in the words of the message that must come of it. */
export interface RowChange {
  readonly table: string;
  readonly type: 'insert' | 'update' | 'delete';
  /** The row's id after the change; of a delete the deleted one. */
  readonly id: number;
  /** The id before an update that changes it; else null. */
  readonly oldId: number | null;
  /** The row's version after the change; null for a delete, whose message has the key only. */
  readonly version: number | null;
}

/** The kinds of transactions, as the report counts them: those of PostgreSQL, and those of a binlog. */
export const WORK_KINDS = ['small', 'big', 'savepoint', 'truncate', 'key change', 'prepared'] as const;
export const BINLOG_WORK_KINDS = ['small', 'big', 'spill', 'savepoint', 'key change', 'rollback', 'ddl', 'rotate'] as const;
export type WorkKind = (typeof WORK_KINDS | typeof BINLOG_WORK_KINDS)[number];

/** A transaction whose commit is known to have happened. */
export interface CommittedTransaction {
  /** The number by which the ledger names it. */
  readonly xid: number;
  readonly kind: WorkKind;
  readonly changes: readonly RowChange[];
  /** When the commit's answer came, or the outcome was found out; monotonic milliseconds. */
  readonly knownAtMs: number;
}

/** A row of a snapshot as the consumer read it: an insert. */
export interface SnapshotRow extends Placed {
  /** The capture that sent it, by its producer's number, which is a higher one after each start. */
  readonly producer: number;
}

/** A message of the stream as the consumer read it. */
export interface SeenMessage extends Placed {
  readonly xid: number;
}

interface Placed {
  readonly partition: number;
  readonly offset: number;
  readonly change: RowChange;
}

/**
 * Where in a changefeed's life a kill strikes: between the slot's creation and the first stored position (`start`); while tables are read
 * and so many units are stored (a number); between the last unit and the stream's first stored position (`seam`); after it (`stream`).
 */
export type Place = 'start' | 'seam' | 'stream' | number;

/** A kill of something, and what was known of the changefeed just after it. */
export interface Kill {
  readonly victim: string;
  readonly place: Place;
  readonly work: WorkKind;
  /** Whose checkpoint it was: counts the captures that ever opened it. */
  readonly generation: number;
  /** Stored position as a number of bytes of log. */
  readonly stored: bigint;
  /** The snapshot as it was stored; null in a changefeed without one. */
  readonly snapshot: SnapshotRecord | null;
  /** End offsets by partition just after the kill: what lies behind was sent by the next life (or was under way). */
  readonly endOffsets: readonly number[];
  /** End offsets as they were two seconds before. */
  readonly earlierOffsets: readonly number[];
}

/** Tells a message from every other of its transaction. */
export function identity(xid: number, { table, type, id, version }: RowChange): string {
  return `${xid} ${table} ${type} ${id} ${version ?? '-'}`;
}

/** Tells a row from every other of the database. */
export function keyOf({ table, id }: Pick<RowChange, 'table' | 'id'>): string {
  return `${table} ${id}`;
}

/** `A/B` as bytes of log. */
export function lsnBytes(lsn: string): bigint {
  const [high, low] = lsn.split('/');
  return (BigInt(`0x${high!}`) << 32n) | BigInt(`0x${low!}`);
}
