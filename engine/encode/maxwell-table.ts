import type { RowProgram } from '../../native-bridge/row-layout.ts';
import type { ByteView } from '../base/byte-view.ts';
import { Constant, jsonString, writeConstant } from '../change/json/constant.ts';
import { RowObject, type RowStyle } from '../change/json/object.ts';
import { Template } from '../change/json/template.ts';
import { OldImage, Operation } from '../change/operation.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { RowFlag } from '../ring/layout.ts';
import type { MaxwellOptions } from './encoder.ts';
import { keyRowTemplate } from './key-row.ts';
import { MaxwellFields } from './maxwell-fields.ts';
import { MaxwellHead } from './maxwell-head.ts';
import type { MaxwellOrigin } from './maxwell-origin.ts';
import { ChangedColumns } from './maxwell-old.ts';
import { namerOf } from './names.ts';
import type { PushClock } from './push-clock.ts';
import { RowBound } from './row-bound.ts';
import { type Image, ProgramWriter } from './row-program.ts';
import type { RowRecord } from './row-record.ts';
import { assertDistinctColumns } from './row-style.ts';

const CLOSE = Buffer.from('}');
const NO_DATA = new Constant(Buffer.from(',"data":{}'));
const OLD = new Constant(Buffer.from(',"old":'));

/** Bytes of a message besides head, fields, names and values: `"old":`, braces, what constants write beyond their end. */
const FRAME_BYTES = 64;

/** By operation. */
const TYPES = ['insert', 'update', 'delete'] as const;

/** How often a value can stand in a message: in `primary_key`, `data` and `old`. */
const PLACES = 3;

/** All that is known of one version of a table before its rows come, and how the parts of their messages that depend on it are written. */
export class MaxwellTable {
  private readonly schema: TableSchema;
  private readonly style: RowStyle;
  private readonly mode: MaxwellOptions['old'];
  /** By operation; the second ones for transactions without an xid. */
  private readonly heads: readonly MaxwellHead[];
  private readonly xidlessHeads: readonly MaxwellHead[];
  /** Of the rows of a snapshot. */
  private readonly snapshotHead: MaxwellHead;
  /** By `Mark`; none but for a bootstrap. */
  private readonly markHeads: readonly MaxwellHead[];
  private readonly origin: MaxwellOrigin;
  private readonly fields: MaxwellFields;
  private readonly row: RowObject;
  /** From `,"primary_key":[` up to `"data":`; without columns when the field is off or the table has no primary key. */
  private readonly beforeData: Template;
  /** The row as an object of which only the key is known; null for a table without a key, whose identity is the whole row. */
  private readonly keyRow: Template | null;
  private readonly changed: ChangedColumns;
  private readonly bound: RowBound;
  private readonly fixedBytes: number;
  private readonly isKey: readonly boolean[];

  constructor({ schema, tableName }: SchemaRecord, options: MaxwellOptions, style: RowStyle, clock: PushClock, origin: MaxwellOrigin) {
    assertDistinctColumns(schema, style);
    this.schema = schema;
    this.style = style;
    this.mode = options.old;
    const isBootstrap = schema.bootstrap !== undefined;
    const headOf = (type: string, hasXid = false) => new MaxwellHead(schema.database, tableName, type, hasXid);
    this.heads = TYPES.map((type) => headOf(type, options.commitInfo));
    this.xidlessHeads = TYPES.map((type) => headOf(type));
    this.snapshotHead = headOf(isBootstrap ? 'bootstrap-insert' : 'insert');
    this.markHeads = isBootstrap ? ['bootstrap-start', 'bootstrap-complete'].map((type) => headOf(type)) : [];
    this.origin = origin;
    this.fields = new MaxwellFields(schema, isBootstrap ? { ...options, position: 'none' } : options, clock, origin);
    this.row = new RowObject(schema, style);
    this.beforeData = beforeDataTemplate(schema, options, style);
    this.keyRow = schema.keyColumns.length === 0 ? null : keyRowTemplate(schema, style, style.nulls ? 'null' : 'none');
    this.changed = new ChangedColumns(schema, this.row);
    this.bound = new RowBound(`${schema.schema}.${schema.table}`, this.row);
    this.isKey = schema.columns.map((_, i) => schema.keyColumns.includes(i) || schema.primaryKey.includes(i));
    const head = Math.max(...[...this.heads, this.snapshotHead, ...this.markHeads].map(({ lengthMax }) => lengthMax));
    const names = 2 * this.row.namesLength + this.beforeData.constantBytes;
    this.fixedBytes = head + this.fields.lengthMax + FRAME_BYTES + names;
  }

  /** An upper bound of the message's bytes, from the length of the row's images alone: cheap and wide. */
  wideBound({ oldStart, newEnd }: RowRecord): number {
    return this.fixedBytes + this.origin.lengthMax + this.bound.wide(newEnd - oldStart, PLACES);
  }

  /** A close upper bound, found by reading the row. */
  closeBound({ input, operation, oldImage, oldStart, newStart, newEnd }: RowRecord): number {
    const { bound, isKey } = this;
    bound.locate(input, oldStart, newStart, newEnd);
    let sum = this.fixedBytes + this.origin.lengthMax + bound.wide(0, PLACES);
    const wholeOld = this.mode !== 'key' || oldImage !== OldImage.full || this.keyRow === null;
    for (let column = 0; column < isKey.length; column++) {
      const oldBytes = bound.old(column, input);
      const newBytes = bound.new(column, input);
      sum += operation === Operation.delete ? newBytes : bound.filled(column, input);
      if (wholeOld) sum += oldBytes;
      // In `primary_key` and, of the key alone, in `old` or a delete's `data`.
      if (isKey[column]) sum += 2 * Math.max(oldBytes, newBytes);
    }
    return sum;
  }

  /** Writes the message but for its last brace. */
  write(row: RowRecord, output: ByteView, position: number): number {
    const { input, operation, oldStart, newStart, newEnd } = row;
    let p = this.headOf(row).write(row.words, row.word, output, position);
    p = this.fields.write(row, output, p);
    if (operation === Operation.delete) return this.writeDelete(row, output, p);
    this.beforeData.locate(input, newStart, newEnd, oldStart, newStart);
    p = this.beforeData.write(input, output, p);
    p = this.row.write(input, newStart, newEnd, oldStart, newStart, output, p);
    if (operation === Operation.insert) return p;
    const value = writeConstant(OLD, output, p);
    const end = this.writeOld(row, output, value);
    return end === value ? p : end;
  }

  /** As `write`, for a mark. */
  writeMark(row: RowRecord, output: ByteView, position: number): number {
    const p = this.markHeads[row.operation]!.write(row.words, row.word, output, position);
    return writeConstant(NO_DATA, output, this.fields.write(row, output, p));
  }

  private headOf({ flags, operation }: RowRecord): MaxwellHead {
    if ((flags & RowFlag.snapshot) !== 0) return this.snapshotHead;
    return ((flags & RowFlag.noXid) === 0 ? this.heads : this.xidlessHeads)[operation]!;
  }

  /** `data` of a delete is the old row as far as it goes: a key image is the key's values and nulls already. */
  private writeDelete({ input, oldImage, oldStart, newStart }: RowRecord, output: ByteView, position: number): number {
    this.beforeData.locate(input, oldStart, newStart, 0, 0);
    const p = this.beforeData.write(input, output, position);
    if (this.mode === 'key' && oldImage === OldImage.full && this.keyRow !== null)
      return this.writeKeyRow(this.keyRow, input, oldStart, newStart, output, p);
    return this.row.write(input, oldStart, newStart, 0, 0, output, p);
  }

  /** Writes the object of an update's `old`; returns `position` when there is none. */
  private writeOld({ input, oldImage, oldStart, newStart, newEnd }: RowRecord, output: ByteView, position: number): number {
    if (this.mode === 'changed') return this.changed.write(input, oldImage, oldStart, newStart, newEnd, output, position);
    if (oldImage === OldImage.full && (this.mode === 'full' || this.keyRow === null)) {
      return this.row.write(input, oldStart, newStart, 0, 0, output, position);
    }
    if (oldImage === OldImage.key) return this.row.write(input, oldStart, newStart, 0, 0, output, position);
    if (this.keyRow === null) return position;
    if (oldImage === OldImage.full) return this.writeKeyRow(this.keyRow, input, oldStart, newStart, output, position);
    // Without an old image the key did not change.
    return this.writeKeyRow(this.keyRow, input, newStart, newEnd, output, position);
  }

  /** What `write` and its brace write, for native code. */
  compile(): RowProgram {
    const program = new ProgramWriter(this.schema, this.style, { fixed: this.fixedBytes, places: PLACES });
    // What changes with each transaction is the encoder's.
    if (this.origin.isWanted) return program.finish();
    this.compileRow(program.beginSnapshot(), this.snapshotHead, 'filled');
    program.constant(CLOSE).end();
    for (const oldImage of Object.values(OldImage)) {
      this.compileRow(program.begin(Operation.insert, oldImage), this.heads[Operation.insert]!, 'filled');
      program.constant(CLOSE).end();
      this.compileRow(program.begin(Operation.update, oldImage), this.heads[Operation.update]!, 'filled');
      this.compileOld(program, oldImage);
      program.constant(CLOSE).end();
      const isKeyAlone = this.mode === 'key' && oldImage === OldImage.full;
      this.compileRow(program.begin(Operation.delete, oldImage), this.heads[Operation.delete]!, 'old', isKeyAlone ? this.keyRow : null);
      program.constant(CLOSE).end();
    }
    return program.finish();
  }

  /** Up to the end of `data`: the row, or `keyRow` when given. */
  private compileRow(program: ProgramWriter, head: MaxwellHead, image: Image, keyRow: Template | null = null): void {
    head.compile(program);
    this.fields.compile(program, head === this.snapshotHead);
    program.template(this.beforeData, image);
    if (keyRow === null) program.object(image);
    else program.template(keyRow, image);
  }

  /** `old` of an update, in the order of `writeOld`. */
  private compileOld(program: ProgramWriter, oldImage: OldImage): void {
    if (this.mode === 'changed') program.changed(OLD.bytes);
    else if (oldImage === OldImage.full && (this.mode === 'full' || this.keyRow === null)) program.constant(OLD.bytes).object('old');
    else if (oldImage === OldImage.key) program.constant(OLD.bytes).object('old');
    else if (this.keyRow !== null) program.constant(OLD.bytes).template(this.keyRow, oldImage === OldImage.full ? 'old' : 'new');
  }

  private writeKeyRow(keyRow: Template, input: ByteView, start: number, end: number, output: ByteView, position: number): number {
    keyRow.locate(input, start, end, 0, 0);
    return keyRow.write(input, output, position);
  }
}

/** With REPLICA IDENTITY USING INDEX the server may not send the primary key of a deleted row: null then, as in `data`. */
function beforeDataTemplate(schema: TableSchema, options: MaxwellOptions, style: RowStyle): Template {
  const nameOf = namerOf(options.naming);
  const names = schema.primaryKey.map((column) => Buffer.from(jsonString(schema.columns[column]!.name)).toString()).join(',');
  const afterValues = `${options.primaryKeyColumns ? `,"${nameOf('primary_key_columns')}":[${names}]` : ''},"data":`;
  if (!options.primaryKey) return new Template(schema, [], [Buffer.from(afterValues)], 'null');
  const begin = `,"${nameOf('primary_key')}":[`;
  const columns = schema.primaryKey;
  const constants = [...columns.map((_, i) => (i === 0 ? begin : ',')), `${columns.length === 0 ? begin : ''}]${afterValues}`];
  return new Template(
    schema,
    columns,
    constants.map((constant) => Buffer.from(constant)),
    'null',
    style.values,
  );
}
