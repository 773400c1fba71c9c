import { RECORD_KIND, RECORD_LENGTH, RecordKind, SIDE_RECORD_BYTES, allocateRing } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';
import { SideArea } from '../../../engine/ring/side.ts';
import { RingWriter } from '../../../engine/ring/writer.ts';

/** Records of tests: header, their number, and bytes that follow from the number and the place. */
export const NUMBER = 8;
export const BODY = 16;

export interface Ends {
  readonly writer: RingWriter;
  readonly reader: RingReader;
  readonly side: SideArea;
}

/** Both ends of a new ring, for tests that need no second thread. */
export function bothEnds(options: { bytes?: number; sideBytes?: number; start?: number } = {}): Ends {
  const side = new SideArea(options.sideBytes ?? 65_536);
  const memory = allocateRing(options.bytes ?? 65_536, side.memory, options.start ?? 0);
  return { writer: new RingWriter(memory, side), reader: new RingReader(memory), side };
}

/** Writes record `number` of `length` bytes, unpublished, into the side area where it is too large for the ring; false without room. */
export function put(writer: RingWriter, number: number, length: number): boolean {
  const large = length > writer.recordBytesMax;
  const offset = large ? writer.reserveSide(length) : writer.reserve(length);
  if (offset < 0) return false;
  const { bytes } = large ? writer.sideData : writer.data;
  const words = large ? writer.sideWords : writer.words;
  words[(offset + RECORD_LENGTH) >> 2] = length;
  words[(offset + RECORD_KIND) >> 2] = RecordKind.row;
  words[(offset + NUMBER) >> 2] = number;
  words[(offset + NUMBER + 4) >> 2] = 0;
  for (let at = BODY; at < length; at++) bytes[offset + at] = bodyByte(number, at);
  writer.end(large ? SIDE_RECORD_BYTES : length);
  return true;
}

/** The number of the reader's current record; throws when a byte of it is not what `put` wrote. */
export function take(reader: RingReader): number {
  const { bytes, words, record } = reader;
  if (reader.kind !== RecordKind.row) throw new Error(`record of kind ${reader.kind}`);
  const number = words[(record + NUMBER) >> 2]!;
  const length = words[(record + RECORD_LENGTH) >> 2]!;
  for (let at = BODY; at < length; at++) {
    if (bytes[record + at] !== bodyByte(number, at)) throw new Error(`record ${number} of ${length} bytes differs at ${at}`);
  }
  return number;
}

function bodyByte(number: number, at: number): number {
  return (number * 31 + at * 7) & 0xff;
}

/** A small seeded generator (mulberry32): the same seed makes the same run on every machine. Returns [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
