import {
  RECORD_KIND,
  RECORD_LENGTH,
  RecordKind,
  SCHEMA_HEADER_BYTES,
  SCHEMA_TEXT_LENGTH,
  SIDE_RECORD_BYTES,
  alignRecord,
} from '../ring/layout.ts';
import type { RingWriter } from '../ring/writer.ts';

/** Writes a schema record into a ring, unpublished. Returns 0, or the bytes that it has no room for. */
export function writeSchema(record: Uint8Array, ring: RingWriter): number {
  const length = alignRecord(SCHEMA_HEADER_BYTES + record.length);
  const side = length > ring.recordBytesMax;
  const offset = side ? ring.reserveSide(length) : ring.reserve(length);
  if (offset < 0) return length;
  const words = side ? ring.sideWords : ring.words;
  const w = offset >> 2;
  words[w + (RECORD_LENGTH >> 2)] = length;
  words[w + (RECORD_KIND >> 2)] = RecordKind.schema;
  words[w + (SCHEMA_TEXT_LENGTH >> 2)] = record.length;
  (side ? ring.sideData : ring.data).bytes.set(record, offset + SCHEMA_HEADER_BYTES);
  ring.end(side ? SIDE_RECORD_BYTES : length);
  return 0;
}
