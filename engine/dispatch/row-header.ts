import type { OldImage, Operation } from '../change/operation.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { NO_KEY, RECORD_KIND, RECORD_LENGTH, RecordKind, Row } from '../ring/layout.ts';
import type { DispatchTopic } from './plan.ts';
import type { RowPlace } from './row-place.ts';

/** Writes the header of a row record at byte `offset` of `words`; a key of -1 bytes is a null one. */
export function writeHead(
  words: Int32Array,
  offset: number,
  length: number,
  operation: Operation,
  oldImage: OldImage,
  schema: TableSchema,
  place: RowPlace,
  lsnHigh: number,
  lsnLow: number,
  topic: DispatchTopic,
  partition: number,
  keyLength: number,
  oldBytes: number,
  newBytes: number,
): void {
  const { epoch } = place;
  const w = offset >> 2;
  words[w + (RECORD_LENGTH >> 2)] = length;
  words[w + (RECORD_KIND >> 2)] = RecordKind.row | (operation << 8) | (oldImage << 16) | (place.flags << 24);
  words[w + (Row.schemaId >> 2)] = schema.id;
  words[w + (Row.topic >> 2)] = topic.index;
  words[w + (Row.partition >> 2)] = partition;
  words[w + (Row.rowInEpoch >> 2)] = epoch.rows;
  words[w + (Row.epochAndTable >> 2)] = (epoch.slot << 16) | schema.tableId;
  words[w + (Row.xid >> 2)] = place.xid;
  words[w + (Row.xoffset >> 2)] = place.xoffset;
  words[w + (Row.keyLength >> 2)] = keyLength < 0 ? NO_KEY : keyLength;
  words[w + (Row.oldLength >> 2)] = oldBytes;
  words[w + (Row.newLength >> 2)] = newBytes;
  words[w + (Row.commitMicrosLow >> 2)] = place.commitMicrosLow;
  words[w + (Row.commitMicrosHigh >> 2)] = place.commitMicrosHigh;
  words[w + (Row.lsnLow >> 2)] = lsnLow;
  words[w + (Row.lsnHigh >> 2)] = lsnHigh;
  words[w + (Row.target >> 2)] = topic.targetBase + partition;
  words[w + (Row.sizeLimit >> 2)] = topic.maxMessageBytes;
  words[w + (Row.xidHigh >> 2)] = place.xidHigh;
}
