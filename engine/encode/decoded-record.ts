import { DecodedImages } from '../change/decoded-images.ts';
import type { RowDecoder } from '../change/row-form.ts';
import { alignRecord, RECORD_LENGTH, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';
import type { RecordPlace } from '../ring/reader.ts';
import { RowRecord } from './row-record.ts';

const HEADER_WORDS = ROW_HEADER_BYTES >> 2;

/**
 * A row record whose images are decoded: header and key as in the record that it was made of, canonical images behind them. What encodes
 * rows, measures them or makes dead letters of them then sees a record like any other. Filled again for each row.
 */
export class DecodedRecord implements RecordPlace {
  readonly record = 0;
  private readonly row = new RowRecord();
  private readonly images: DecodedImages;

  /** @param bytesMax largest record */
  constructor(bytesMax: number) {
    this.images = new DecodedImages(bytesMax);
  }

  get bytes(): Uint8Array {
    return this.images.output.bytes;
  }

  get words(): Int32Array {
    return this.images.words;
  }

  /** @throws MillraceError what the decoder throws; ROW_TOO_LARGE */
  decode(from: RecordPlace, decoder: RowDecoder): void {
    const { row, images } = this;
    row.read(from.bytes, from.words, from.record);
    const start = row.oldStart - from.record;
    images.decode(decoder, row.input, row.oldStart, row.newStart, row.newStart, row.newEnd, start);
    const { words } = images;
    for (let word = 0; word < HEADER_WORDS; word++) words[word] = from.words[row.word + word]!;
    words[RECORD_LENGTH >> 2] = alignRecord(images.newEnd);
    words[Row.oldLength >> 2] = images.newStart - start;
    words[Row.newLength >> 2] = images.newEnd - images.newStart;
    const key = from.record + ROW_HEADER_BYTES;
    const { bytes } = this;
    for (let at = ROW_HEADER_BYTES; at < start; at++) bytes[at] = from.bytes[key + at - ROW_HEADER_BYTES]!;
  }
}
