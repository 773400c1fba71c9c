import { ByteView } from '../base/byte-view.ts';
import { MillraceError } from '../base/errors.ts';
import { OldImage, Operation } from '../change/operation.ts';
import { NO_KEY, RECORD_KIND, RecordKind, Row, ROW_HEADER_BYTES } from '../ring/layout.ts';

/** Where the parts of a row record (`ring/layout.ts`) lie. Filled again for each row: a cursor, not a row. */
export class RowRecord {
  readonly input = new ByteView(new Uint8Array(0));
  words: Int32Array = new Int32Array(0);
  /** Index of the record's first word. */
  word = 0;
  schemaId = 0;
  /** It is a `Mark`, which then stands in place of the operation. */
  isMark = false;
  operation: Operation = Operation.insert;
  oldImage: OldImage = OldImage.none;
  /** `RowFlag` bits. */
  flags = 0;
  /** The old image is `input[oldStart, newStart)`, the new one `input[newStart, newEnd)`; empty where there is none. */
  oldStart = 0;
  newStart = 0;
  newEnd = 0;

  /** Turns to the record at byte `record` of `bytes`. `words` is the same memory. */
  read(bytes: Uint8Array, words: Int32Array, record: number): void {
    this.input.use(bytes);
    this.words = words;
    const w = record >> 2;
    this.word = w;
    this.schemaId = words[w + (Row.schemaId >> 2)]!;
    this.isMark = bytes[record + RECORD_KIND] === RecordKind.mark;
    this.operation = bytes[record + Row.operation] as Operation;
    this.oldImage = bytes[record + Row.oldImage] as OldImage;
    this.flags = bytes[record + Row.flags]!;
    const keyLength = words[w + (Row.keyLength >> 2)]!;
    this.oldStart = record + ROW_HEADER_BYTES + (keyLength === (NO_KEY | 0) ? 0 : keyLength);
    this.newStart = this.oldStart + words[w + (Row.oldLength >> 2)]!;
    this.newEnd = this.newStart + words[w + (Row.newLength >> 2)]!;
  }
}

/** A row came before its schema: a defect. */
export function failUnknownSchema(id: number): never {
  throw new MillraceError('INTERNAL', `a row record names schema ${id}, which was never announced`, { schemaId: id });
}
