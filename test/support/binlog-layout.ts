import type { ColumnSchema, TableSchema } from '../../engine/change/table-schema.ts';
import { ColumnState } from '../../engine/change/operation.ts';
import { ByteView } from '../../engine/base/byte-view.ts';
import { valueTypeOf } from '../../engine/source/mysql/types.ts';
import { compileBinlogDecoder } from '../../engine/source/mysql/rows/decoder.ts';
import { BINLOG_FORM, type LogColumn, type LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { tableSchema } from './rows.ts';

/** A column of a test's layout; what is not given is as for a number. */
export interface TestLogColumn extends Partial<LogColumn> {
  readonly type: number;
  readonly name?: string;
}

/** A schema whose rows are as binlogs have them. */
export function binlogSchema(given: readonly TestLogColumn[], rest: Partial<Omit<LogLayout, 'columns'>> = {}): TableSchema {
  const columns = given.map(({ name: _name, ...column }) => ({
    metadata: 0,
    isUnsigned: false,
    charset: null,
    labels: null,
    meaning: null,
    ...column,
  }));
  const layout: LogLayout = { isPartial: false, zone: 'UTC', ...rest, columns };
  const schema = tableSchema([], [], { database: 'd', schema: 'd', table: 't' });
  return {
    ...schema,
    columns: columns.map((column, i) => columnSchema(given[i]!.name ?? `c${i}`, column)),
    form: { name: BINLOG_FORM, layout },
  };
}

function columnSchema(name: string, column: LogColumn): ColumnSchema {
  const type = valueTypeOf(column) ?? { kind: 22, sourceType: `type ${column.type}`, length: -1 };
  return { name, nullable: true, keyPosition: -1, element: null, ...type };
}

/** A value that the decoder wrote: its bytes, null, or that the column is absent. */
export type DecodedValue = Buffer | null | 'absent';

/** The values of a row image, of all columns or of those; the output is at first too small, as it may be in use. */
export function decodeRow(schema: TableSchema, image: Uint8Array, columns: readonly number[] | null = null): DecodedValue[] {
  const decoder = compileBinlogDecoder(schema, columns);
  const offset = 3;
  const input = new ByteView(Buffer.concat([Buffer.alloc(offset, 0xee), image, Buffer.alloc(offset, 0xee)]));
  for (let size = offset; ; size = 2 * size + 1) {
    const output = new ByteView(new Uint8Array(size));
    const end = decoder.decode(input, offset, offset + image.length, output, offset);
    if (end >= 0) return readImage(Buffer.from(output.bytes.subarray(offset, end)));
  }
}

/** The values of a canonical image. */
function readImage(image: Buffer): DecodedValue[] {
  let at = 2;
  const values = Array.from({ length: image.readUInt16BE(0) }, (): DecodedValue => {
    const state = image[at++];
    if (state === ColumnState.null) return null;
    if (state === ColumnState.absent) return 'absent';
    if (state !== ColumnState.value) throw new Error(`a column has the state ${state}`);
    const start = at + 4;
    at = start + image.readUInt32BE(at);
    return image.subarray(start, at);
  });
  if (at !== image.length) throw new Error(`an image has ${image.length - at} bytes too many`);
  return values;
}
