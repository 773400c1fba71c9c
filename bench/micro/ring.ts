import { ByteView, copyBytes } from '../../engine/base/byte-view.ts';
import { alignRecord, allocateRing, RECORD_KIND, RECORD_LENGTH, RecordKind, ROW_HEADER_BYTES } from '../../engine/ring/layout.ts';
import { RingReader } from '../../engine/ring/reader.ts';
import { SideArea } from '../../engine/ring/side.ts';
import { RingWriter } from '../../engine/ring/writer.ts';
import type { Bench } from '../bench.ts';
import { measureMicro } from './measure.ts';
import { orderImages, type RowImages } from './orders-rows.ts';

const ROWS = 1_000;
const RING_BYTES = 8 * 1024 * 1024;

/** `micro.ring`: a row image into the ring and out again, both sides in one thread, published and released by the batch. */
export const RING_BENCH: Bench = {
  id: 'micro.ring',
  run: async (session) => {
    const side = new SideArea(65_536);
    const writer = new RingWriter(allocateRing(RING_BYTES, side.memory), side);
    const reader = new RingReader(writer.memory);
    const images = orderImages(ROWS);
    return await measureMicro('micro.ring', ROWS, session.runs(5), () => {
      write(writer, images);
      if (read(reader) !== ROWS) throw new Error('the ring lost a record');
    });
  },
};

function write(writer: RingWriter, { bytes, starts, count }: RowImages): void {
  const input = new ByteView(bytes);
  for (let row = 0; row < count; row++) {
    const start = starts[row]!;
    const end = starts[row + 1]!;
    const length = alignRecord(ROW_HEADER_BYTES + end - start);
    const offset = writer.reserve(length);
    if (offset < 0) throw new Error('the ring is full');
    writer.words[(offset + RECORD_LENGTH) >> 2] = length;
    writer.words[(offset + RECORD_KIND) >> 2] = RecordKind.row;
    copyBytes(input, start, end, writer.data, offset + ROW_HEADER_BYTES);
    writer.end(length);
  }
  writer.publishTo(writer.position);
}

function read(reader: RingReader): number {
  let rows = 0;
  while (reader.claim()) while (reader.next()) rows++;
  reader.release(reader.position);
  return rows;
}
