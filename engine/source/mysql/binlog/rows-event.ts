import { MillraceError } from '../../../base/errors.ts';
import { Operation } from '../../../change/operation.ts';
import { EventType, HEADER_BYTES, u16le, u48le } from './event-layout.ts';

/** What the types of rows events say: the operation, version 2 or 1, compressed or not. */
const SHAPES: Readonly<Record<number, { readonly operation: Operation; readonly isV2: boolean; readonly isCompressed: boolean }>> = {
  [EventType.writeRowsV1]: { operation: Operation.insert, isV2: false, isCompressed: false },
  [EventType.updateRowsV1]: { operation: Operation.update, isV2: false, isCompressed: false },
  [EventType.deleteRowsV1]: { operation: Operation.delete, isV2: false, isCompressed: false },
  [EventType.writeRows]: { operation: Operation.insert, isV2: true, isCompressed: false },
  [EventType.updateRows]: { operation: Operation.update, isV2: true, isCompressed: false },
  [EventType.deleteRows]: { operation: Operation.delete, isV2: true, isCompressed: false },
  [EventType.writeRowsCompressedV1]: { operation: Operation.insert, isV2: false, isCompressed: true },
  [EventType.updateRowsCompressedV1]: { operation: Operation.update, isV2: false, isCompressed: true },
  [EventType.deleteRowsCompressedV1]: { operation: Operation.delete, isV2: false, isCompressed: true },
  [EventType.writeRowsCompressed]: { operation: Operation.insert, isV2: true, isCompressed: true },
  [EventType.updateRowsCompressed]: { operation: Operation.update, isV2: true, isCompressed: true },
  [EventType.deleteRowsCompressed]: { operation: Operation.delete, isV2: true, isCompressed: true },
};

/** By type of event: 1 where it holds rows. */
export const HOLDS_ROWS = Uint8Array.from({ length: 256 }, (_, type) => (SHAPES[type] === undefined ? 0 : 1));

/** Table id of an event without rows, which only tells that table maps end. */
export const DUMMY_TABLE_ID = 0xff_ffff;
const TABLE_ID_BYTES = 6;
const FLAGS_BYTES = 2;

/** The table that a rows event is of; -1 when it is cut short. */
export function tableIdOf(bytes: Uint8Array, event: number, end: number): number {
  const at = event + HEADER_BYTES;
  return at + TABLE_ID_BYTES + FLAGS_BYTES <= end ? u48le(bytes, at) : -1;
}

/** The parts of a rows event in front of its rows. Filled again for each event: a cursor. */
export class RowsEvent {
  operation: Operation = Operation.insert;
  isCompressed = false;
  /** Where the bitmaps of present columns begin; `newPresent` is the second one of an update, else the same. */
  oldPresent = 0;
  newPresent = 0;
  /** All columns are present in both images. */
  isFull = true;
  /** Where the rows begin. */
  rowsStart = 0;

  /**
   * Reads the event `bytes[event, end)`, its header included, its checksum not.
   * @throws MillraceError `BINLOG_EVENT_INVALID`; of other columns than `columnCount`: `ROW_IMAGE_INVALID`
   */
  read(bytes: Uint8Array, event: number, end: number, table: string, columnCount: number): void {
    const { operation, isV2, isCompressed } = SHAPES[bytes[event + 4]!]!;
    let at = event + HEADER_BYTES + TABLE_ID_BYTES + FLAGS_BYTES;
    if (isV2) {
      const extra = at + 2 <= end ? u16le(bytes, at) : 0;
      if (extra < 2) throw malformed(table);
      at += extra;
    }
    // Lengths from 251 on have a mark of their own; a table has at most 4,096 columns.
    let columns = at < end ? bytes[at++]! : -1;
    if (columns === 0xfc && at + 2 <= end) {
      columns = u16le(bytes, at);
      at += 2;
    }
    const bitmapBytes = (columnCount + 7) >> 3;
    const bitmaps = operation === Operation.update ? 2 : 1;
    if (columns !== columnCount) throw otherColumns(table, columnCount, columns);
    if (at + bitmaps * bitmapBytes > end) throw malformed(table);
    this.operation = operation;
    this.isCompressed = isCompressed;
    this.oldPresent = at;
    this.newPresent = at + (bitmaps - 1) * bitmapBytes;
    this.isFull = hasAll(bytes, this.oldPresent, columnCount) && (bitmaps === 1 || hasAll(bytes, this.newPresent, columnCount));
    this.rowsStart = at + bitmaps * bitmapBytes;
  }
}

function hasAll(bytes: Uint8Array, bitmap: number, columns: number): boolean {
  const whole = columns >> 3;
  for (let i = 0; i < whole; i++) if (bytes[bitmap + i] !== 0xff) return false;
  const rest = (1 << (columns & 7)) - 1;
  return rest === 0 || (bytes[bitmap + whole]! & rest) === rest;
}

function malformed(table: string): MillraceError {
  return new MillraceError('BINLOG_EVENT_INVALID', `The server sent an event with rows of ${table} that is cut short.`, { table });
}

function otherColumns(table: string, columns: number, found: number): MillraceError {
  const message = `The log has rows of ${table} with ${found} columns, and describes the table with ${columns}.`;
  return new MillraceError('ROW_IMAGE_INVALID', message, { table, columns, found });
}
