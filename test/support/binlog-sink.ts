import { OldImage, Operation } from '../../engine/change/operation.ts';
import type { RefusedRow, RowSink } from '../../engine/change/row-sink.ts';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import { valueBytes } from '../../engine/source/mysql/binlog/row-bounds.ts';
import type { LogColumn, LogLayout } from '../../engine/source/mysql/rows/layout.ts';
import { cutText, LineSink, nameOf, OPERATIONS, timeText } from './line-sink.ts';

/**
 * A sink that writes down every call as a line:
 *
 *   begin 33089 2026-11-20T09:44:43.000000Z
 *   update test.o1 old(1,abc) new(1,~)          ~ is a column that the image leaves out
 *   commit 7:1187
 *
 * Values are read by the types' lengths alone: whole numbers are signed, what is neither one nor text is hexadecimal.
 */
export class BinlogSink extends LineSink implements RowSink {
  readonly takesRefused = false;
  /** Times of rows and places are written down too. */
  isVerbose = false;

  begin(xidHigh: number, xidLow: number, high: number, low: number): void {
    this.lines.push(`begin ${BigInt.asIntN(64, wide(xidHigh, xidLow))} ${timeText(high, low)}`);
  }

  rowTime(high: number, low: number): void {
    if (this.isVerbose) this.lines.push(`time ${timeText(high, low)}`);
  }

  origin(gtid: string | null, serverId: number, threadId: number): void {
    this.lines.push(`origin ${gtid} ${serverId} ${threadId}`);
  }

  row(
    operation: Operation,
    schemaId: number,
    placeHigh: number,
    placeLow: number,
    bytes: Uint8Array,
    oldImage: OldImage,
    oldStart: number,
    oldEnd: number,
    newStart: number,
    newEnd: number,
  ): boolean {
    if (this.refuses()) return false;
    const schema = this.schemaOf(schemaId);
    const layout = schema.form!.layout as LogLayout;
    const parts = [`${OPERATIONS[operation]} ${nameOf(schema)}`];
    if (oldImage !== OldImage.none) parts.push(`old(${imageText(layout, bytes, oldStart, oldEnd)})`);
    if (operation !== Operation.delete) parts.push(`new(${imageText(layout, bytes, newStart, newEnd)})`);
    if (this.isVerbose) parts.push(`at ${placeText(placeHigh, placeLow)}`);
    this.lines.push(parts.join(' '));
    return true;
  }

  refused({ error }: RefusedRow): never {
    throw error;
  }

  commit(high: number, low: number): void {
    this.lines.push(`commit ${placeText(high, low)}`);
  }

  idle(high: number, low: number): void {
    this.lines.push(`idle ${placeText(high, low)}`);
  }

  flush(): void {
    // Nothing is kept back.
  }
}

function wide(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

function placeText(high: number, low: number): string {
  const place = wide(high, low);
  return `${place >> 40n}:${place & 0xff_ffff_ffffn}`;
}

/** Reads a row image; one that is not exactly `[start, end)` throws. */
function imageText({ columns, isPartial }: LogLayout, bytes: Uint8Array, start: number, end: number): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const bitmapBytes = (columns.length + 7) >> 3;
  const isSet = (from: number, bit: number): boolean => ((view[from + (bit >> 3)]! >> (bit & 7)) & 1) === 1;
  const present = columns.map((_, index) => !isPartial || isSet(0, index));
  const nulls = isPartial ? bitmapBytes : 0;
  let at = nulls + ((present.filter(Boolean).length + 7) >> 3);
  let turn = 0;
  const values = columns.map((column, index) => {
    if (!present[index]) return '~';
    if (isSet(nulls, turn++)) return 'null';
    const size = valueBytes(column)!;
    const valueStart = size >= 0 ? at : at - size;
    const length = size >= 0 ? size : view.readUIntLE(at, -size);
    at = valueStart + length;
    return valueText(column, view.subarray(valueStart, at));
  });
  if (at !== view.length) throw new Error(`a row image of ${view.length} bytes ends at ${at}`);
  return values.join(',');
}

function valueText({ type, charset, labels }: LogColumn, value: Buffer): string {
  if (type === ColumnType.longlong) return value.readBigInt64LE().toString();
  if (type === ColumnType.enum && labels !== null) return labels[value.readUIntLE(0, value.length) - 1] ?? '';
  const isInteger = type === ColumnType.tiny || type === ColumnType.short || type === ColumnType.int24 || type === ColumnType.long;
  if (isInteger) return String(value.readIntLE(0, value.length));
  if (charset === null || charset === 'binary') return `x'${value.toString('hex')}'`;
  return cutText(value.toString());
}
