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
import type { TablePlan } from './plan.ts';

/**
 * Writes a schema record into a ring, unpublished.
 * @param text JSON of `RoutedSchema`
 * @returns 0, or the length of the record that there is no room for now
 */
export function writeSchema(ring: RingWriter, text: Uint8Array): number {
  const length = alignRecord(SCHEMA_HEADER_BYTES + text.length);
  const side = length > ring.recordBytesMax;
  const offset = side ? ring.reserveSide(length) : ring.reserve(length);
  if (offset < 0) return length;
  const words = side ? ring.sideWords : ring.words;
  const w = offset >> 2;
  words[w + (RECORD_LENGTH >> 2)] = length;
  words[w + (RECORD_KIND >> 2)] = RecordKind.schema;
  words[w + (SCHEMA_TEXT_LENGTH >> 2)] = text.length;
  (side ? ring.sideData : ring.data).bytes.set(text, offset + SCHEMA_HEADER_BYTES);
  ring.end(side ? SIDE_RECORD_BYTES : length);
  return 0;
}

/** Writes the schema record of a plan into the ring of a worker that has not had it. Returns what `writeSchema` does. */
export function announce(ring: RingWriter, plan: TablePlan, worker: number): number {
  const wanted = writeSchema(ring, plan.record);
  if (wanted === 0) plan.announced[worker] = 1;
  return wanted;
}
