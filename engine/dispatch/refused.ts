import type { ByteView } from '../base/byte-view.ts';
import { murmur2Words } from '../base/hash/murmur2.ts';
import { deadLetterReason, LETTER_HEAD_BYTES } from '../change/dead-letter.ts';
import { Operation } from '../change/operation.ts';
import type { RefusedRow } from '../change/row-sink.ts';
import { alignRecord, NO_PARTITION, type RefusedText, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { TablePlan } from './plan.ts';
import type { RowPlace } from './row-place.ts';
import type { RowView } from './row-view.ts';

/** Where a refused row belongs: beside the rows of its key, as far as its key and partition can be told. */
export interface RefusedPlace {
  /** Of the key in the buffer that was given; -1 for none. */
  readonly keyLength: number;
  readonly partition: number;
  /** Whose worker takes the row: its partition's, or one of the dead-letter topic's. */
  readonly target: number;
}

/** What decides about a row's partition beside its images. */
export type RowTransaction = Pick<RowPlace, 'xidHigh' | 'xid' | 'xoffset' | 'threadId'>;

/**
 * Finds a refused row's place. Writes its message key into `key`.
 * @throws MillraceError the row's own where it is not of the row alone, or the table's dead letters go nowhere
 */
export function placeOf(row: RefusedRow, plan: TablePlan, view: RowView, key: ByteView, transaction: RowTransaction): RefusedPlace {
  const { operation, lsnHigh, lsnLow } = row;
  if (plan.deadLetters === null || deadLetterReason(row.error) === null) throw row.error;
  const { topic, placement } = plan.destinations[operation]!;
  const { targetBase, partitions } = plan.deadLetters;
  const elsewhere = targetBase + ((murmur2Words(lsnHigh, lsnLow, transaction.xoffset) & 0x7fffffff) % partitions);
  const unknown: RefusedPlace = { keyLength: -1, partition: NO_PARTITION, target: elsewhere };
  if (row.cutFrom !== null) return unknown;
  try {
    view.use(row.bytes, plan.decoder, row.oldStart, row.oldEnd, row.newStart, row.newEnd);
    const { seen, oldStart, oldEnd, newStart, newEnd } = view;
    const [start, end] = operation === Operation.delete ? [oldStart, oldEnd] : [newStart, newEnd];
    const keyLength = plan.key === null ? -1 : plan.key.write(seen, start, end, key, 0, oldStart, oldEnd);
    const partition = placement.of(key, keyLength, seen, start, end, oldStart, oldEnd, lsnHigh, lsnLow, transaction);
    return { keyLength, partition, target: topic.targetBase + partition };
  } catch (error) {
    if (deadLetterReason(error) === null) throw error;
    return unknown;
  }
}

/** The row as far as a letter keeps it where not all of it can be passed on. */
export function headOf(row: RefusedRow): RefusedRow {
  const start = Math.min(row.oldStart, row.newStart);
  const end = Math.max(row.oldEnd, row.newEnd);
  const cut = Math.min(end, start + LETTER_HEAD_BYTES);
  return { ...row, oldStart: start, oldEnd: start, newStart: start, newEnd: cut, cutFrom: row.cutFrom ?? end - start };
}

/** What a refused row says beside its bytes. */
export function refusedText({ error, cutFrom }: RefusedRow): Buffer {
  const key = error.details['key'];
  const text: RefusedText = { code: error.code, message: error.message, key: typeof key === 'string' ? key : null, cutFrom };
  return Buffer.from(JSON.stringify(text));
}

/** Length of the record of a refused row. */
export function recordLength({ oldStart, oldEnd, newStart, newEnd }: RefusedRow, keyLength: number, text: Buffer): number {
  return alignRecord(ROW_HEADER_BYTES + Math.max(0, keyLength) + oldEnd - oldStart + newEnd - newStart + text.length);
}
