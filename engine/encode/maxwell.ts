import { MillraceError } from '../base/errors.ts';
import { ByteView } from '../base/byte-view.ts';
import { Constant, writeConstant } from '../change/json/constant.ts';
import { writeInteger } from '../change/json/number.ts';
import type { OldImage, Operation } from '../change/operation.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import { NO_KEY, Row, ROW_HEADER_BYTES, RowFlag } from '../ring/layout.ts';
import { ENCODE_FULL, type Encoder, type EncoderOptions } from './encoder.ts';
import { MaxwellTable } from './maxwell-table.ts';

const COMMIT = new Constant(Buffer.from(',"commit":true'));
const XOFFSET = new Constant(Buffer.from(',"xoffset":'));
const CLOSE = 0x7d;

/**
 * Maxwell's JSON (Maxwell's documentation, "Data format"), one compact object without blanks:
 * `database, table, type, ts, xid, xoffset, commit, primary_key, data, old`.
 *
 * - `xoffset` (an option) numbers the rows of a transaction from 0; its last row has `commit` instead, always `true`.
 * - `primary_key` (an option) holds the values of the new row's primary key; `[]` for a table without one.
 * - `old` of an update and `data` of a delete follow the option `old`:
 *   - `key`: the key's old values, null for every other column. A table without a key has its whole old row, when the server sends it.
 *   - `full`: the whole old row with REPLICA IDENTITY FULL, else as `key`.
 *   - `changed`: the old values of columns whose text differs; no `old` when none is known to. The whole row of a delete, when it is known.
 * - Unchanged TOAST is filled from the old row, else its column is left out of `data`.
 *
 * Nothing is allocated for a row, but by the errors.
 */
export class MaxwellEncoder implements Encoder {
  private readonly options: EncoderOptions;
  /** By schema id. */
  private readonly tables: (MaxwellTable | undefined)[] = [];
  private readonly input = new ByteView(new Uint8Array(0));
  private readonly output = new ByteView(new Uint8Array(0));

  constructor(options: EncoderOptions) {
    this.options = options;
  }

  schema(record: SchemaRecord): void {
    this.tables[record.schema.id] = new MaxwellTable(record, this.options);
  }

  encode(bytes: Uint8Array, words: Int32Array, record: number, out: Uint8Array, position: number): number {
    const { input, output } = this;
    input.use(bytes);
    output.use(out);
    const w = record >> 2;
    const table = this.tables[words[w + (Row.schemaId >> 2)]!];
    if (table === undefined) failUnknownSchema(words[w + (Row.schemaId >> 2)]!);
    const operation = bytes[record + Row.operation] as Operation;
    const kind = bytes[record + Row.oldImage] as OldImage;
    const keyLength = words[w + (Row.keyLength >> 2)]!;
    const oldStart = record + ROW_HEADER_BYTES + (keyLength === (NO_KEY | 0) ? 0 : keyLength);
    const newStart = oldStart + words[w + (Row.oldLength >> 2)]!;
    const newEnd = newStart + words[w + (Row.newLength >> 2)]!;
    const room = out.length - position;
    if (table.wideBound(newEnd - oldStart) > room && table.closeBound(input, operation, kind, oldStart, newStart, newEnd) > room) {
      return ENCODE_FULL;
    }
    let p = table.heads[operation]!.write(words, w, output, position);
    if ((bytes[record + Row.flags]! & RowFlag.commit) !== 0) {
      p = writeConstant(COMMIT, output, p);
    } else if (this.options.xoffset) {
      p = writeConstant(XOFFSET, output, p);
      p = writeInteger(words[w + (Row.xoffset >> 2)]!, output, p);
    }
    p = table.write(input, operation, kind, oldStart, newStart, newEnd, output, p);
    out[p] = CLOSE;
    return p + 1;
  }
}

function failUnknownSchema(id: number): never {
  throw new MillraceError('INTERNAL', `a row record names schema ${id}, which was never announced`, { schemaId: id });
}
