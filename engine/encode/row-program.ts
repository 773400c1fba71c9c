import { ROW_LAYOUT, type RowProgram } from '../../native-bridge/row-layout.ts';
import { jsonString } from '../change/json/constant.ts';
import type { RowStyle } from '../change/json/object.ts';
import { planValue } from '../change/json/plan.ts';
import type { Template } from '../change/json/template.ts';
import type { OldImage, Operation } from '../change/operation.ts';
import type { TableSchema } from '../change/table-schema.ts';

const POSITIONS = { lsn: ROW_LAYOUT.OP_LSN, decimal: ROW_LAYOUT.OP_LSN_DECIMAL, file: ROW_LAYOUT.OP_FILE_OFFSET } as const;

/** Which image of the row an instruction reads. `filled`: the new one, what is unchanged in it from the old one. */
export type Image = 'old' | 'new' | 'filled';

/** Most bytes of a message: `fixed`, and what a row's values take in so many `places`. */
export interface ProgramBound {
  readonly fixed: number;
  readonly places: number;
}

/**
 * Writes a program, one instruction after the other, for one kind of row after the other: how the usual rows of one version of a table
 * become messages, in words that native code runs (`native-bridge/src/row_program.h`), many rows a call. A row that a program does not
 * know, or a value that it does not write, is the encoder's; both give the same bytes.
 */
export class ProgramWriter {
  private readonly header: number[] = [];
  private readonly code: number[] = [];
  private readonly constants: Uint8Array[] = [];
  private constantBytes = 0;

  constructor(schema: TableSchema, style: RowStyle, bound: ProgramBound) {
    const { header } = this;
    header[ROW_LAYOUT.PROGRAM_COLUMNS] = schema.columns.length;
    header[ROW_LAYOUT.PROGRAM_FIXED_BYTES] = bound.fixed;
    header[ROW_LAYOUT.PROGRAM_PLACES] = bound.places;
    header[ROW_LAYOUT.PROGRAM_NULLS] = style.nulls ? 1 : 0;
    for (let entry = 0; entry < ROW_LAYOUT.PROGRAM_ENTRY_COUNT; entry++) header[ROW_LAYOUT.PROGRAM_ENTRIES + entry] = -1;
    for (const column of schema.columns) {
      const name = Buffer.concat([Buffer.from(','), jsonString(style.nameOf(column.name)), Buffer.from(':')]);
      header.push(planValue(schema, column, style.values).form, ...this.place(name), style.isExcluded(column.name) ? 1 : 0);
    }
  }

  /** What follows until `end` is for the rows of a transaction that are of this kind. */
  begin(operation: Operation, oldImage: OldImage): this {
    return this.enter(operation * ROW_LAYOUT.PROGRAM_OLD_IMAGES + oldImage);
  }

  /** What follows until `end` is for the rows of a snapshot. */
  beginSnapshot(): this {
    return this.enter(ROW_LAYOUT.PROGRAM_ENTRY_SNAPSHOT);
  }

  end(): void {
    this.code.push(ROW_LAYOUT.OP_END);
  }

  constant(bytes: Uint8Array): this {
    if (bytes.length > 0) this.code.push(ROW_LAYOUT.OP_CONSTANT, ...this.place(bytes));
    return this;
  }

  /** The commit's second. */
  seconds(): this {
    this.code.push(ROW_LAYOUT.OP_SECONDS);
    return this;
  }

  xid(): this {
    this.code.push(ROW_LAYOUT.OP_XID);
    return this;
  }

  /** `last` in a transaction's last row; in others `xoffset` and the number, unless that is empty. */
  commit(last: Uint8Array, xoffset: Uint8Array): this {
    this.code.push(ROW_LAYOUT.OP_COMMIT, ...this.place(last), ...this.place(xoffset));
    return this;
  }

  /** The row's place as a string: LSN in hexadecimal or decimal, or number of a file and offset; `before` ends in front of it. */
  position(form: keyof typeof POSITIONS, before: Uint8Array): this {
    this.code.push(POSITIONS[form], ...this.place(before));
    return this;
  }

  /** The time at which the message is written, in seconds, behind `before`. */
  pushTime(before: Uint8Array): this {
    this.code.push(ROW_LAYOUT.OP_PUSH_TIME, ...this.place(before));
    return this;
  }

  /** The template with the values of an image. */
  template({ columns, constants, missing }: Template, image: Image): this {
    for (const [i, column] of columns.entries()) {
      this.constant(constants[i]!.bytes);
      this.code.push(ROW_LAYOUT.OP_VALUE, column, ...flagsOf(image), missing === 'error' ? 1 : 0);
    }
    return this.constant(constants[columns.length]!.bytes);
  }

  /** The row as an object. */
  object(image: Image): this {
    this.code.push(ROW_LAYOUT.OP_OBJECT, ...flagsOf(image));
    return this;
  }

  /** The old values of the columns that differ, as an object behind `before`; nothing when none is known to. */
  changed(before: Uint8Array): this {
    this.code.push(ROW_LAYOUT.OP_CHANGED, ...this.place(before));
    return this;
  }

  /** The message has no value. */
  noValue(): this {
    this.code.push(ROW_LAYOUT.OP_NO_VALUE);
    return this;
  }

  finish(): RowProgram {
    return { words: Int32Array.from([...this.header, ...this.code]), constants: Uint8Array.from(Buffer.concat(this.constants)) };
  }

  private enter(entry: number): this {
    this.header[ROW_LAYOUT.PROGRAM_ENTRIES + entry] = this.header.length + this.code.length;
    return this;
  }

  /** Offset and length of the bytes among the constants. */
  private place(bytes: Uint8Array): [number, number] {
    const offset = this.constantBytes;
    this.constants.push(bytes);
    this.constantBytes += bytes.length;
    return [offset, bytes.length];
  }
}

/** Whether the old image is read, and whether it fills what is unchanged in the new one. */
function flagsOf(image: Image): [number, number] {
  return [image === 'old' ? 1 : 0, image === 'filled' ? 1 : 0];
}
