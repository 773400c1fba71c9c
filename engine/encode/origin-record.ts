import { NO_GTID, ORIGIN_GTID_LENGTH, ORIGIN_HEADER_BYTES, ORIGIN_SERVER_ID, ORIGIN_THREAD_ID } from '../ring/layout.ts';
import type { RecordPlace } from '../ring/reader.ts';
import type { Encoder } from './encoder.ts';

/** Tells an encoder what an origin record says. */
export function tellOrigin({ bytes, words, record }: RecordPlace, encoder: Pick<Encoder, 'origin'>): void {
  const word = (field: number) => words[(record + field) >> 2]!;
  const start = record + ORIGIN_HEADER_BYTES;
  const length = word(ORIGIN_GTID_LENGTH);
  const gtid = length === NO_GTID ? null : Buffer.from(bytes.subarray(start, start + length)).toString('utf8');
  encoder.origin(gtid, word(ORIGIN_SERVER_ID) >>> 0, word(ORIGIN_THREAD_ID) >>> 0);
}
