import { VALUE_FACTOR, VALUE_OVERHEAD } from '../engine/change/json/bound.ts';
import { JsonForm } from '../engine/change/json/plan.ts';
import { ColumnState, OldImage, Operation } from '../engine/change/operation.ts';
import {
  PACKED_COLUMN_WORDS,
  PACKED_HEADER_WORDS,
  PACKED_LABEL_WORDS,
  PACKED_TABLE_BYTES,
  PackedHeader,
  PackedKind,
} from '../engine/change/packed-layout.ts';
import { RecordKind, Row, ROW_HEADER_BYTES, RowFlag } from '../engine/ring/layout.ts';

/**
 * What native code that encodes rows shares with TypeScript: the row records of rings, row images, the forms of values, the words of a row
 * program and of a run. `layout.h` and the addon's digest hold these as they hold `LAYOUT`.
 */
export const ROW_LAYOUT = {
  // Records of a ring (`engine/ring/layout.ts`).
  RECORD_PAD: RecordKind.pad,
  RECORD_ROW: RecordKind.row,
  ROW_HEADER_BYTES,
  ROW_OPERATION: Row.operation,
  ROW_OLD_IMAGE: Row.oldImage,
  ROW_FLAGS: Row.flags,
  ROW_SCHEMA_ID: Row.schemaId,
  ROW_TOPIC: Row.topic,
  ROW_PARTITION: Row.partition,
  ROW_ROW_IN_EPOCH: Row.rowInEpoch,
  ROW_EPOCH_AND_TABLE: Row.epochAndTable,
  ROW_XID: Row.xid,
  ROW_XID_HIGH: Row.xidHigh,
  ROW_XOFFSET: Row.xoffset,
  ROW_KEY_LENGTH: Row.keyLength,
  ROW_OLD_LENGTH: Row.oldLength,
  ROW_NEW_LENGTH: Row.newLength,
  ROW_COMMIT_MICROS_LOW: Row.commitMicrosLow,
  ROW_COMMIT_MICROS_HIGH: Row.commitMicrosHigh,
  ROW_LSN_LOW: Row.lsnLow,
  ROW_LSN_HIGH: Row.lsnHigh,
  ROW_TARGET: Row.target,
  ROW_SIZE_LIMIT: Row.sizeLimit,
  ROW_FLAG_COMMIT: RowFlag.commit,
  ROW_FLAG_SNAPSHOT: RowFlag.snapshot,
  ROW_FLAG_NO_XID: RowFlag.noXid,

  // Row images (`engine/change/operation.ts`).
  COLUMN_NULL: ColumnState.null,
  COLUMN_UNCHANGED: ColumnState.unchanged,
  COLUMN_ABSENT: ColumnState.absent,
  COLUMN_VALUE: ColumnState.value,
  OLD_IMAGE_KEY: OldImage.key,
  OPERATION_DELETE: Operation.delete,

  // Forms of values (`engine/change/json/plan.ts`) that native code writes, and how much room any value takes.
  FORM_NUMBER: JsonForm.number,
  FORM_BOOL: JsonForm.bool,
  FORM_TEXT: JsonForm.text,
  FORM_TIME: JsonForm.time,
  FORM_TIMESTAMPTZ: JsonForm.timestamptz,
  FORM_JSON: JsonForm.json,
  FORM_SHORT_DECIMAL: JsonForm.shortDecimal,
  FORM_SET: JsonForm.set,
  FORM_DATE: JsonForm.date,
  FORM_DATE_OR_NULL: JsonForm.dateOrNull,
  FORM_RAW_BYTES: JsonForm.rawBytes,
  FORM_JAVA_DECIMAL: JsonForm.javaDecimal,
  FORM_YEAR: JsonForm.year,
  VALUE_OVERHEAD,
  VALUE_FACTOR,

  // A row program (`engine/encode/row-program.ts`): header, columns, instructions.

  PROGRAM_COLUMNS: 0,
  /** Most bytes of a message's value but for what grows with its row. */
  PROGRAM_FIXED_BYTES: 1,
  /** How often a value can stand in a message. */
  PROGRAM_PLACES: 2,
  /** Whether columns that are null are written. */
  PROGRAM_NULLS: 3,
  /** Where the instructions for a kind of row begin, -1 for those that TypeScript writes: operation x PROGRAM_OLD_IMAGES + old image. */
  PROGRAM_ENTRIES: 4,
  PROGRAM_OPERATIONS: 3,
  PROGRAM_OLD_IMAGES: 3,
  PROGRAM_ENTRY_SNAPSHOT: 9,
  PROGRAM_ENTRY_COUNT: 10,
  PROGRAM_COLUMN_TABLE: 14,
  /** Form, offset and length of `,"name":` in the constants, whether it is left out of objects. */
  PROGRAM_COLUMN_WORDS: 4,

  /** Instructions, each with its operands behind it. */
  OP_END: 0,
  /** Offset, length. */
  OP_CONSTANT: 1,
  /** The commit's second, of the Unix epoch. */
  OP_SECONDS: 2,
  OP_XID: 3,
  /** The constant of a transaction's last row, and the one in front of other rows' `xoffset` (length 0: nothing). */
  OP_COMMIT: 4,
  /** The row's LSN behind a constant, and its closing quote. */
  OP_LSN: 5,
  OP_LSN_DECIMAL: 6,
  /** Column, whether of the old image, whether an unchanged one is filled from the old image, whether it must be there (else null). */
  OP_VALUE: 7,
  /** Whether the old image, whether unchanged columns are filled from the old image. */
  OP_OBJECT: 8,
  /** Old values of the columns that differ, behind a constant. */
  OP_CHANGED: 9,
  /** The message has no value. */
  OP_NO_VALUE: 10,
  /** The run's clock in seconds, behind a constant. */
  OP_PUSH_TIME: 11,
  /** The row's place as the number of a file, a colon and an offset behind a constant, and a closing quote. */
  OP_FILE_OFFSET: 12,
  OP_COUNT: 13,

  // Packed images (`engine/change/packed-layout.ts`).
  PACKED_PARTIAL: PackedHeader.isPartial,
  PACKED_COLUMNS: PackedHeader.columns,
  PACKED_LABELS: PackedHeader.labels,
  PACKED_COLUMN_TABLE: PACKED_HEADER_WORDS,
  PACKED_COLUMN_WORDS,
  PACKED_LABEL_WORDS,
  PACKED_INTEGER: PackedKind.integer,
  PACKED_DECIMAL: PackedKind.decimal,
  PACKED_FLOAT: PackedKind.float,
  PACKED_YEAR: PackedKind.year,
  PACKED_DATE: PackedKind.date,
  PACKED_TIME: PackedKind.time,
  PACKED_DATETIME: PackedKind.datetime,
  PACKED_TIMESTAMP: PackedKind.timestamp,
  PACKED_BITS: PackedKind.bits,
  PACKED_ENUM: PackedKind.enum,
  PACKED_SET: PackedKind.set,
  PACKED_TEXT: PackedKind.text,
  PACKED_MAPPED: PackedKind.mapped,
  PACKED_OTHER: PackedKind.other,
  PACKED_FIXED: PackedKind.fixed,
  PACKED_TABLE_BYTES,

  // A run (`row-encoder.ts`): where it begins and, afterwards, where it ended.

  /** Index of the ring. */
  RUN_POSITION: 0,
  /** Messages in the batch, bytes of its slab in use, bytes of its values, whether it has several targets. */
  RUN_COUNT: 1,
  RUN_SLAB_END: 2,
  RUN_VALUE_BYTES: 3,
  RUN_MIXED: 4,
  /** Microseconds since 1970 for the rows of this run, two words. */
  RUN_CLOCK_LOW: 5,
  RUN_CLOCK_HIGH: 6,
  RUN_WORDS: 8,

  // Why a run ended.

  /** Everything claimed is in the batch. */
  RUN_ALL: 0,
  /** The batch may have no room for the next row. */
  RUN_FULL: 1,
  /** The next record is TypeScript's: what a program does not know, and what is large. */
  RUN_UNUSUAL: 2,
} as const;

/** How the rows of one version of a table become messages: `ROW_LAYOUT.PROGRAM_*` words, instructions, and the bytes that they name. */
export interface RowProgram {
  readonly words: Int32Array;
  readonly constants: Uint8Array;
}
