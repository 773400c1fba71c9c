import type { Mark } from '../change/snapshot.ts';
import { alignRecord, RECORD_KIND, RECORD_LENGTH, RecordKind, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';
import type { DispatchTopic, TablePlan } from './plan.ts';
import type { RowPlace } from './row-place.ts';

/** Marks of all tables go to this partition of their topic: whoever waits for one knows where. */
export const MARK_PARTITION = 0;

/**
 * Writes a mark into a ring, unpublished.
 * @returns 0, or the length of the record that there is no room for now
 */
export function writeMark(ring: RingWriter, mark: Mark, plan: TablePlan, topic: DispatchTopic, place: RowPlace): number {
  const { schema, markKey } = plan;
  const length = alignRecord(ROW_HEADER_BYTES + markKey.length);
  const offset = ring.reserve(length);
  if (offset < 0) return length;
  const set = (field: number, value: number) => {
    ring.words[(offset + field) >> 2] = value;
  };
  set(RECORD_LENGTH, length);
  set(RECORD_KIND, RecordKind.mark | (mark << 8) | (place.flags << 24));
  set(Row.schemaId, schema.id);
  set(Row.topic, topic.index);
  set(Row.partition, MARK_PARTITION);
  set(Row.rowInEpoch, place.epoch.rows);
  set(Row.epochAndTable, (place.epoch.slot << 16) | schema.tableId);
  for (const field of [Row.xid, Row.xoffset, Row.oldLength, Row.newLength, Row.lsnLow, Row.lsnHigh]) set(field, 0);
  set(Row.keyLength, markKey.length);
  set(Row.commitMicrosLow, place.commitMicrosLow);
  set(Row.commitMicrosHigh, place.commitMicrosHigh);
  set(Row.target, topic.targetBase + MARK_PARTITION);
  set(Row.sizeLimit, topic.maxMessageBytes);
  ring.data.bytes.set(markKey, offset + ROW_HEADER_BYTES);
  ring.end(length);
  return 0;
}
