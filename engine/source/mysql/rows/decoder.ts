import type { ByteView } from '../../../base/byte-view.ts';
import { assert } from '../../../base/assert.ts';
import { ColumnState } from '../../../change/operation.ts';
import { failImage } from '../../../change/row-image.ts';
import type { PackedLayout } from '../../../change/packed-layout.ts';
import type { RowDecoder } from '../../../change/row-form.ts';
import type { TableSchema } from '../../../change/table-schema.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import { compileColumn } from './columns.ts';
import { BINLOG_FORM, type LogLayout } from './layout.ts';
import { packLayout } from './packed-layout.ts';

/** In front of a value in a canonical image: its state and length. */
const VALUE_HEADER = 5;
const COUNT_BYTES = 2;

/**
 * Makes the decoder of a table whose rows are as binlogs have them (`rows/layout.ts`).
 * @throws MillraceError COLUMN_TYPE_UNKNOWN
 */
export function compileBinlogDecoder(schema: TableSchema, columns: readonly number[] | null): RowDecoder {
  assert(schema.form?.name === BINLOG_FORM, 'only rows of binlogs come to this decoder');
  const layout = schema.form.layout as LogLayout;
  assert(layout.columns.length === schema.columns.length, 'a layout has the columns of its schema');
  const table = `${schema.database}.${schema.table}`;
  const decoders = layout.columns.map((column, i) => {
    const { name, sourceType } = schema.columns[i]!;
    return compileColumn({ table, column: name, sourceType }, column, layout.zone);
  });
  const wanted = layout.columns.map((_column, i) => columns === null || columns.includes(i));
  return new BinlogDecoder(table, layout, decoders, wanted);
}

class BinlogDecoder implements RowDecoder {
  private readonly table: string;
  private readonly layout: LogLayout;
  private readonly isPartial: boolean;
  private readonly decoders: readonly ColumnDecoder[];
  private readonly wanted: readonly boolean[];
  /** Behind the last wanted column nothing is read. */
  private readonly stop: number;

  constructor(table: string, layout: LogLayout, decoders: readonly ColumnDecoder[], wanted: readonly boolean[]) {
    this.table = table;
    this.layout = layout;
    this.isPartial = layout.isPartial;
    this.decoders = decoders;
    this.wanted = wanted;
    this.stop = wanted.lastIndexOf(true) + 1;
  }

  decode(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
    const { bytes } = input;
    const { decoders, wanted, stop, isPartial } = this;
    const columns = decoders.length;
    const present = start;
    const nulls = isPartial ? start + ((columns + 7) >> 3) : start;
    if (nulls > end) this.fail(start, end, start);
    const count = isPartial ? countBits(bytes, present, columns) : columns;
    let at = nulls + ((count + 7) >> 3);
    if (at > end) this.fail(start, end, start);
    const to = output.bytes;
    // States of all columns; each value asks for its own room.
    let room = to.length - position - COUNT_BYTES - columns;
    if (room < 0) return -1;
    output.view.setUint16(position, columns);
    position += COUNT_BYTES;
    let index = 0;
    for (let column = 0; column < stop; column++) {
      if (isPartial && !bit(bytes, present, column)) {
        to[position++] = ColumnState.absent;
        continue;
      }
      const isNull = bit(bytes, nulls, index++);
      if (isNull) {
        to[position++] = wanted[column] ? ColumnState.null : ColumnState.absent;
        continue;
      }
      const decoder = decoders[column]!;
      const { prefix } = decoder;
      if (prefix > end - at) this.fail(start, end, at);
      const length = prefix === 0 ? decoder.size : lengthAt(input, at, prefix);
      at += prefix;
      if (length > end - at) this.fail(start, end, at);
      if (wanted[column]) {
        room -= VALUE_HEADER - 1 + decoder.room + decoder.growth * length;
        if (room < 0) return -1;
        const written = decoder.write(input, at, at + length, output, position + VALUE_HEADER);
        if (written < 0) return -1;
        to[position] = ColumnState.value;
        output.view.setUint32(position + 1, written - position - VALUE_HEADER);
        room = to.length - written - (columns - column - 1);
        if (room < 0) return -1;
        position = written;
      } else {
        to[position++] = ColumnState.absent;
      }
      at += length;
    }
    if (stop === columns && at !== end) this.fail(start, end, at);
    for (let column = stop; column < columns; column++) to[position++] = ColumnState.absent;
    return position;
  }

  packedLayout(): PackedLayout {
    return packLayout(this.layout, this.decoders);
  }

  private fail(start: number, end: number, at: number): never {
    return failImage(this.table, this.decoders.length, start, end, at);
  }
}

function bit(bytes: Uint8Array, start: number, index: number): boolean {
  return (bytes[start + (index >> 3)]! & (1 << (index & 7))) !== 0;
}

function countBits(bytes: Uint8Array, start: number, bits: number): number {
  let count = 0;
  for (let index = 0; index < bits; index++) if (bit(bytes, start, index)) count++;
  return count;
}

function lengthAt({ bytes, view }: ByteView, at: number, prefix: number): number {
  if (prefix === 1) return bytes[at]!;
  if (prefix === 2) return view.getUint16(at, true);
  return prefix === 3 ? view.getUint16(at, true) | (bytes[at + 2]! << 16) : view.getUint32(at, true);
}
