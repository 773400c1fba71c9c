import type { RefusedRow } from '../change/row-sink.ts';
import { NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES, SIDE_RECORD_BYTES } from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { RowEpoch } from './options.ts';
import type { TablePlan } from './plan.ts';
import { headOf, recordLength, refusedText, type RefusedPlace, type RowTransaction } from './refused.ts';

/** What the record of a refused row says beside the row and its table. */
export interface RefusedFacts extends RefusedPlace, RowTransaction {
  /** Holds the message key from its beginning. */
  readonly key: Uint8Array;
  readonly epoch: RowEpoch;
  /** `RowFlag` bits. */
  readonly flags: number;
  readonly commitMicrosHigh: number;
  readonly commitMicrosLow: number;
}

/**
 * Writes a refused row into a ring, unpublished; one that no record of `recordBytesMax` can hold as its first bytes alone.
 * @returns 0, or the length of the record that there is no room for now
 */
export function writeRefused(ring: RingWriter, row: RefusedRow, plan: TablePlan, facts: RefusedFacts, recordBytesMax: number): number {
  const isTooLong = recordLength(row, facts.keyLength, refusedText(row)) > recordBytesMax;
  const kept = isTooLong ? headOf(row) : row;
  const text = refusedText(kept);
  const length = recordLength(kept, facts.keyLength, text);
  const side = length > ring.recordBytesMax;
  const offset = side ? ring.reserveSide(length) : ring.reserve(length);
  if (offset < 0) return length;
  const bytes = side ? ring.sideData.bytes : ring.data.bytes;
  const words = side ? ring.sideWords : ring.words;
  words[(offset + RECORD_LENGTH) >> 2] = length;
  words[(offset + Row.topic) >> 2] = plan.destinations[row.operation]!.topic.index;
  words[(offset + Row.epochAndTable) >> 2] = (facts.epoch.slot << 16) | plan.schema.tableId;
  fill(bytes, words, offset, kept, text, facts);
  ring.end(side ? SIDE_RECORD_BYTES : length);
  return 0;
}

function fill(bytes: Uint8Array, words: Int32Array, offset: number, row: RefusedRow, text: Buffer, facts: RefusedFacts): void {
  const { oldStart, oldEnd, newStart, newEnd } = row;
  const set = (field: number, value: number) => {
    words[(offset + field) >> 2] = value;
  };
  set(RECORD_KIND, RecordKind.refused | (row.operation << 8) | (row.oldImage << 16) | (facts.flags << 24));
  set(Row.schemaId, row.schemaId);
  set(Row.partition, facts.partition);
  set(Row.rowInEpoch, facts.epoch.rows);
  set(Row.xid, facts.xid);
  set(Row.xidHigh, facts.xidHigh);
  set(Row.xoffset, facts.xoffset);
  set(Row.keyLength, facts.keyLength < 0 ? NO_KEY : facts.keyLength);
  set(Row.oldLength, oldEnd - oldStart);
  set(Row.newLength, newEnd - newStart);
  set(Row.commitMicrosLow, facts.commitMicrosLow);
  set(Row.commitMicrosHigh, facts.commitMicrosHigh);
  set(Row.lsnLow, row.lsnLow);
  set(Row.lsnHigh, row.lsnHigh);
  set(Row.target, facts.target);
  set(Row.sizeLimit, text.length);
  const key = facts.key.subarray(0, Math.max(0, facts.keyLength));
  let at = offset + ROW_HEADER_BYTES;
  for (const part of [key, row.bytes.subarray(oldStart, oldEnd), row.bytes.subarray(newStart, newEnd), text]) {
    bytes.set(part, at);
    at += part.length;
  }
}
