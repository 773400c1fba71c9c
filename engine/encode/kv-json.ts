import type { RowProgram } from '../../native-bridge/row-layout.ts';
import { ByteView } from '../base/byte-view.ts';
import { MillraceError } from '../base/errors.ts';
import { RowObject, type RowStyle } from '../change/json/object.ts';
import type { Template } from '../change/json/template.ts';
import { OldImage, Operation } from '../change/operation.ts';
import type { SchemaRecord } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { ENCODE_FULL, type Encoder, type KvJsonOptions, NULL_VALUE } from './encoder.ts';
import { keyRowTemplate } from './key-row.ts';
import { RowBound } from './row-bound.ts';
import { ProgramWriter } from './row-program.ts';
import { failUnknownSchema, RowRecord } from './row-record.ts';
import { rowStyleOf } from './row-style.ts';

/**
 * The row alone as JSON, one compact object without blanks, its decimals without the zeros at the end of their fraction.
 *
 * - An update is the whole new row. Unchanged TOAST is filled from the old row, else its column is left out: keep what you had.
 * - A delete has no value, so that compaction forgets the key, or (option `deletes`) an object of the key's columns.
 * - A changed key never comes here: the dispatcher made a delete and an insert of it.
 *
 * Nothing is allocated for a row, but by the errors.
 */
export class KvJsonEncoder implements Encoder {
  private readonly options: KvJsonOptions;
  private readonly style: RowStyle;
  /** By schema id. */
  private readonly tables: (KvJsonTable | undefined)[] = [];
  private readonly row = new RowRecord();
  private readonly output = new ByteView(new Uint8Array(0));

  constructor(options: KvJsonOptions) {
    this.options = options;
    this.style = rowStyleOf(options);
  }

  schema(record: SchemaRecord): RowProgram {
    const table = new KvJsonTable(record, this.options, this.style);
    this.tables[record.schema.id] = table;
    return table.compile();
  }

  origin(): void {
    // No message of this format says who made a row.
  }

  encode(bytes: Uint8Array, words: Int32Array, record: number, out: Uint8Array, position: number): number {
    const { row, output } = this;
    row.read(bytes, words, record);
    output.use(out);
    const table = this.tables[row.schemaId];
    if (table === undefined) return failUnknownSchema(row.schemaId);
    const isDelete = row.operation === Operation.delete;
    if (isDelete && !table.isKeyed) return failKeyless(table.name);
    if (isDelete && table.deleted === null) return NULL_VALUE;
    const room = out.length - position;
    if (table.wideBound(row) > room && table.closeBound(row) > room) return ENCODE_FULL;
    return isDelete ? table.writeDelete(row, output, position) : table.writeRow(row, output, position);
  }
}

/** All that is known of one version of a table before its rows come. */
class KvJsonTable {
  readonly name: string;
  readonly isKeyed: boolean;
  /** What a delete's message holds; null for none. */
  readonly deleted: Template | null;
  private readonly schema: TableSchema;
  private readonly style: RowStyle;
  private readonly row: RowObject;
  private readonly bound: RowBound;
  private readonly fixedBytes: number;

  constructor({ schema }: SchemaRecord, options: KvJsonOptions, style: RowStyle) {
    this.schema = schema;
    this.style = style;
    this.name = `${schema.schema}.${schema.table}`;
    this.isKeyed = schema.keyColumns.length > 0;
    this.deleted = options.deletes === 'tombstone' ? null : keyRowTemplate(schema, style, 'none');
    this.row = new RowObject(schema, style);
    this.bound = new RowBound(this.name, this.row);
    this.fixedBytes = FRAME_BYTES + this.row.namesLength;
  }

  /** An upper bound of the message's bytes, from the length of the row's images alone: cheap and wide. */
  wideBound({ oldStart, newEnd }: RowRecord): number {
    return this.fixedBytes + this.bound.wide(newEnd - oldStart, PLACES);
  }

  /** A close upper bound, found by reading the row. */
  closeBound({ input, operation, oldStart, newStart, newEnd }: RowRecord): number {
    const { bound, row } = this;
    bound.locate(input, oldStart, newStart, newEnd);
    let sum = this.fixedBytes + bound.wide(0, PLACES);
    for (let column = 0; column < row.values.length; column++) {
      sum += operation === Operation.delete ? bound.old(column, input) : bound.filled(column, input);
    }
    return sum;
  }

  writeRow({ input, oldStart, newStart, newEnd }: RowRecord, output: ByteView, position: number): number {
    return this.row.write(input, newStart, newEnd, oldStart, newStart, output, position);
  }

  writeDelete({ input, oldStart, newStart }: RowRecord, output: ByteView, position: number): number {
    const deleted = this.deleted!;
    deleted.locate(input, oldStart, newStart, 0, 0);
    return deleted.write(input, output, position);
  }

  /** The same for native code. A delete without a key is left to `encode`, which refuses it. */
  compile(): RowProgram {
    const program = new ProgramWriter(this.schema, this.style, { fixed: this.fixedBytes, places: PLACES });
    program.beginSnapshot().object('filled').end();
    for (const oldImage of Object.values(OldImage)) {
      for (const operation of [Operation.insert, Operation.update]) program.begin(operation, oldImage).object('filled').end();
      if (!this.isKeyed) continue;
      program.begin(Operation.delete, oldImage);
      (this.deleted === null ? program.noValue() : program.template(this.deleted, 'old')).end();
    }
    return program.finish();
  }
}

/** How often a value can stand in a message. */
const PLACES = 1;

/** Bytes of a message besides names and values: braces, and what constants write beyond their end. */
const FRAME_BYTES = 16;

function failKeyless(table: string): never {
  throw new MillraceError(
    'DELETE_WITHOUT_KEY',
    `a row of ${table} was deleted, which has neither a primary key nor a replica identity index: in kv-json a delete is its key alone`,
    { table },
  );
}
