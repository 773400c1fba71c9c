import type { RefusedRow } from '../change/row-sink.ts';
import { NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { RowEpoch } from './options.ts';
import type { RefusedPlace, RowOrigin } from './refused.ts';

/** What the record of a refused row says beside the row. */
export interface RefusedFacts extends RefusedPlace, RowOrigin {
  /** Holds the message key from its beginning. */
  readonly key: Uint8Array;
  /** Index of the topic that the row would have gone to. */
  readonly topic: number;
  readonly tableId: number;
  readonly epoch: RowEpoch;
  /** `RowFlag` bits. */
  readonly flags: number;
  readonly commitMicrosHigh: number;
  readonly commitMicrosLow: number;
}

/** Writes the record of a refused row, `length` bytes long, at byte `offset` of `bytes`. `words` is the same memory. */
export function fillRefused(
  bytes: Uint8Array,
  words: Int32Array,
  offset: number,
  length: number,
  row: RefusedRow,
  text: Buffer,
  facts: RefusedFacts,
): void {
  const { oldStart, oldEnd, newStart, newEnd } = row;
  const set = (field: number, value: number) => {
    words[(offset + field) >> 2] = value;
  };
  set(RECORD_LENGTH, length);
  set(RECORD_KIND, RecordKind.refused | (row.operation << 8) | (row.oldImage << 16) | (facts.flags << 24));
  set(Row.schemaId, row.schemaId);
  set(Row.topic, facts.topic);
  set(Row.partition, facts.partition);
  set(Row.rowInEpoch, facts.epoch.rows);
  set(Row.epochAndTable, (facts.epoch.slot << 16) | facts.tableId);
  set(Row.xid, facts.xid);
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
