import { ByteView } from '../../engine/base/byte-view.ts';
import { MillraceError } from '../../engine/base/errors.ts';
import type { RowDecoder } from '../../engine/change/row-form.ts';
import type { TableSchema } from '../../engine/change/table-schema.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { compileBinlogDecoder } from '../../engine/source/mysql/rows/decoder.ts';
import { BINLOG_FORM, type LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { KV_JSON } from './formats.ts';
import { NativeRows } from './native-rows.ts';
import { rowRecord, tableSchema } from './rows.ts';

const ROOM = 32_768;
const CANONICAL = 1;
const PACKED = 2;

/** A table with columns of a log, every one of which is shown as text: rows of it by the decoder, and by native code alone. */
export class PackedTable {
  private readonly decoder: RowDecoder;
  private readonly native = new NativeRows(ROOM);

  constructor(layout: LogLayout) {
    const schema: TableSchema = {
      ...tableSchema(
        layout.columns.map((_column, i) => ({ name: `c${i}`, kind: 'text' })),
        [],
      ),
      form: { name: BINLOG_FORM, layout },
    };
    this.decoder = compileBinlogDecoder(schema, null);
    const program = createEncoder(KV_JSON).schema({ schema: { ...schema, form: null }, tableName: 't' });
    this.native.add(CANONICAL, program);
    this.native.add(PACKED, program, this.decoder.packedLayout());
  }

  /** The row as JSON by way of the decoder; null when that refuses the image, or a text is none. */
  decoded(image: Uint8Array): string | null {
    const output = new ByteView(new Uint8Array(ROOM));
    try {
      const end = this.decoder.decode(new ByteView(image), 0, image.length, output, 0);
      const row = this.native.encode(rowRecord({ operation: 'insert', new: output.bytes.subarray(0, end), schemaId: CANONICAL }));
      return row instanceof Buffer ? row.toString() : null;
    } catch (error) {
      if (error instanceof MillraceError && error.code !== 'INTERNAL') return null;
      throw error;
    }
  }

  /** The row as JSON by native code; null when it leaves the row to the decoder. */
  byNative(image: Uint8Array): string | null {
    const row = this.native.encode(rowRecord({ operation: 'insert', new: image, schemaId: PACKED }));
    return row instanceof Buffer ? row.toString() : null;
  }
}
