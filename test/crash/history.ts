/** What a writer did to one row, in the words of the message that must come of it. */
export interface RowChange {
  readonly table: string;
  readonly type: 'insert' | 'update' | 'delete';
  /** The row's id after the change; of a delete the deleted one. */
  readonly id: number;
  /** The row's version after the change; null for a delete, whose message has the key only. */
  readonly version: number | null;
}

/** The kinds of transactions, as the report counts them. */
export const WORK_KINDS = ['small', 'big', 'savepoint', 'truncate', 'key change'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** A transaction whose commit is known to have happened. */
export interface CommittedTransaction {
  /** Signed 32 bits, as in messages. */
  readonly xid: number;
  readonly kind: WorkKind;
  readonly changes: readonly RowChange[];
  /** When the commit's answer came, or the outcome was found out; monotonic milliseconds. */
  readonly knownAtMs: number;
}

/** A message as the consumer read it. */
export interface SeenMessage {
  readonly partition: number;
  readonly offset: number;
  readonly xid: number;
  readonly change: RowChange;
}

/** A kill of something, and what was known of the changefeed just after it. */
export interface Kill {
  readonly victim: string;
  readonly work: WorkKind | 'start';
  /** Whose checkpoint it was: counts the captures that ever opened it. */
  readonly generation: number;
  /** Stored position as a number of bytes of log. */
  readonly stored: bigint;
  /** End offsets by partition just after the kill: what lies behind was sent by the next life (or was under way). */
  readonly endOffsets: readonly number[];
  /** End offsets as they were two seconds before. */
  readonly earlierOffsets: readonly number[];
}

/** Tells a message from every other of its transaction. */
export function identity(xid: number, { table, type, id, version }: RowChange): string {
  return `${xid} ${table} ${type} ${id} ${version ?? '-'}`;
}

/** `A/B` as bytes of log. */
export function lsnBytes(lsn: string): bigint {
  const [high, low] = lsn.split('/');
  return (BigInt(`0x${high!}`) << 32n) | BigInt(`0x${low!}`);
}
