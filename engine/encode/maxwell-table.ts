import { valueBound, VALUE_FACTOR, VALUE_OVERHEAD } from '../change/json/bound.ts';
import type { ByteView } from '../base/byte-view.ts';
import { Constant, jsonString, writeConstant } from '../change/json/constant.ts';
import { RowObject } from '../change/json/object.ts';
import { Template } from '../change/json/template.ts';
import { OldImage, Operation } from '../change/operation.ts';
import { RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import type { EncoderOptions } from './encoder.ts';
import { MaxwellHead } from './maxwell-head.ts';
import { ChangedColumns } from './maxwell-old.ts';

const OLD = new Constant(Buffer.from(',"old":'));

/** Bytes of a message besides head, names and values: field names, `xoffset`, braces. */
const FRAME_BYTES = 128;

/** How often a value can stand in a message: in `primary_key`, `data` and `old`. */
const PLACES = 3;

/** All that is known of one version of a table before its rows come, and how the parts of their messages that depend on it are written. */
export class MaxwellTable {
  /** By operation. */
  readonly heads: readonly MaxwellHead[];
  private readonly mode: EncoderOptions['old'];
  private readonly row: RowObject;
  /** From `,"primary_key":[` up to `"data":`; without columns when the field is off or the table has no primary key. */
  private readonly beforeData: Template;
  /** The row as an object of which only the key is known; null for a table without a key, whose identity is the whole row. */
  private readonly keyRow: Template | null;
  private readonly changed: ChangedColumns;
  private readonly fixedBytes: number;
  private readonly isKey: readonly boolean[];
  private readonly oldImage: RowImage;
  private readonly newImage: RowImage;

  constructor(record: SchemaRecord, options: EncoderOptions) {
    const { schema } = record;
    const table = `${schema.schema}.${schema.table}`;
    this.heads = ['insert', 'update', 'delete'].map((type) => new MaxwellHead(schema.database, record.tableName, type));
    this.mode = options.old;
    this.row = new RowObject(schema);
    this.beforeData = options.primaryKey ? primaryKeyTemplate(schema) : new Template(schema, [], [Buffer.from(',"data":')], 'null');
    this.keyRow = schema.keyColumns.length === 0 ? null : keyRowTemplate(schema);
    this.changed = new ChangedColumns(schema, this.row);
    this.isKey = schema.columns.map((_, i) => schema.keyColumns.includes(i) || schema.primaryKey.includes(i));
    const head = Math.max(...this.heads.map(({ lengthMax }) => lengthMax));
    this.fixedBytes = head + FRAME_BYTES + 2 * this.row.namesLength + PLACES * VALUE_OVERHEAD * schema.columns.length;
    this.oldImage = new RowImage(table, schema.columns.length);
    this.newImage = new RowImage(table, schema.columns.length);
  }

  /** An upper bound of the message's bytes, from the length of the row's images alone: cheap and wide. */
  wideBound(imageBytes: number): number {
    return this.fixedBytes + PLACES * VALUE_FACTOR * imageBytes;
  }

  /** A close upper bound, found by reading the row. Images as in `write`. */
  closeBound(input: ByteView, operation: Operation, kind: OldImage, oldStart: number, newStart: number, newEnd: number): number {
    const { oldImage, newImage } = this;
    const columns = this.isKey.length;
    let sum = this.fixedBytes;
    if (oldStart === newStart) oldImage.lengths.fill(UNCHANGED_COLUMN);
    else oldImage.locate(input, oldStart, newStart, columns);
    if (newStart === newEnd) newImage.lengths.fill(UNCHANGED_COLUMN);
    else newImage.locate(input, newStart, newEnd, columns);
    const isDelete = operation === Operation.delete;
    const wholeOld = this.mode !== 'key' || kind !== OldImage.full || this.keyRow === null;
    for (let column = 0; column < columns; column++) {
      const oldBytes = this.columnBound(column, oldImage, input);
      const newBytes = this.columnBound(column, newImage, input);
      const isFilled = newImage.lengths[column] === UNCHANGED_COLUMN && !isDelete;
      sum += isFilled ? oldBytes : newBytes;
      if (wholeOld) sum += oldBytes;
      // In `primary_key` and, of the key alone, in `old` or a delete's `data`.
      if (this.isKey[column]) sum += 2 * Math.max(oldBytes, newBytes);
    }
    return sum;
  }

  /**
   * Writes `primary_key`, `data` and `old` of a row whose old image is `input[oldStart, newStart)` and new image `input[newStart, newEnd)`,
   * empty where there is none.
   */
  write(
    input: ByteView,
    operation: Operation,
    kind: OldImage,
    oldStart: number,
    newStart: number,
    newEnd: number,
    output: ByteView,
    position: number,
  ): number {
    if (operation === Operation.delete) return this.writeDelete(input, kind, oldStart, newStart, output, position);
    this.beforeData.locate(input, newStart, newEnd, oldStart, newStart);
    let p = this.beforeData.write(input, output, position);
    p = this.row.write(input, newStart, newEnd, oldStart, newStart, output, p);
    if (operation === Operation.insert) return p;
    const value = writeConstant(OLD, output, p);
    const end = this.writeOld(input, kind, oldStart, newStart, newEnd, output, value);
    return end === value ? p : end;
  }

  /** `data` of a delete is the old row as far as it goes: a key image is the key's values and nulls already. */
  private writeDelete(input: ByteView, kind: OldImage, start: number, end: number, output: ByteView, position: number): number {
    this.beforeData.locate(input, start, end, 0, 0);
    const p = this.beforeData.write(input, output, position);
    if (this.mode === 'key' && kind === OldImage.full && this.keyRow !== null)
      return this.writeKeyRow(this.keyRow, input, start, end, output, p);
    return this.row.write(input, start, end, 0, 0, output, p);
  }

  /** Writes the object of an update's `old`; returns `position` when there is none. */
  private writeOld(
    input: ByteView,
    kind: OldImage,
    oldStart: number,
    newStart: number,
    newEnd: number,
    output: ByteView,
    position: number,
  ): number {
    if (this.mode === 'changed') return this.changed.write(input, kind, oldStart, newStart, newEnd, output, position);
    if (kind === OldImage.full && (this.mode === 'full' || this.keyRow === null)) {
      return this.row.write(input, oldStart, newStart, 0, 0, output, position);
    }
    if (kind === OldImage.key) return this.row.write(input, oldStart, newStart, 0, 0, output, position);
    if (this.keyRow === null) return position;
    if (kind === OldImage.full) return this.writeKeyRow(this.keyRow, input, oldStart, newStart, output, position);
    // Without an old image the key did not change.
    return this.writeKeyRow(this.keyRow, input, newStart, newEnd, output, position);
  }

  private writeKeyRow(keyRow: Template, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
    keyRow.locate(input, start, end, 0, 0);
    return keyRow.write(input, output, position);
  }

  private columnBound(column: number, image: RowImage, input: ByteView): number {
    const length = image.lengths[column]!;
    if (length < 0) return 0;
    const start = image.starts[column]!;
    return valueBound(this.row.values[column]!, input, start, start + length);
  }
}

/** With REPLICA IDENTITY USING INDEX the server may not send the primary key of a deleted row: null then, as in `data`. */
function primaryKeyTemplate(schema: TableSchema): Template {
  const before = schema.primaryKey.map((_, i) => Buffer.from(i === 0 ? ',"primary_key":[' : ','));
  const last = schema.primaryKey.length === 0 ? ',"primary_key":[],"data":' : '],"data":';
  return new Template(schema, schema.primaryKey, [...before, Buffer.from(last)], 'null');
}

/** The key's columns with their values, every other column null, in the table's order. */
function keyRowTemplate(schema: TableSchema): Template {
  const columns: number[] = [];
  const constants: Buffer[] = [];
  let constant: Uint8Array[] = [];
  for (const [i, { name }] of schema.columns.entries()) {
    constant.push(Buffer.from(i === 0 ? '{' : ','), jsonString(name));
    if (schema.keyColumns.includes(i)) {
      constants.push(Buffer.concat([...constant, Buffer.from(':')]));
      columns.push(i);
      constant = [];
    } else {
      constant.push(Buffer.from(':null'));
    }
  }
  constants.push(Buffer.concat([...constant, Buffer.from('}')]));
  return new Template(schema, columns, constants, 'error');
}
