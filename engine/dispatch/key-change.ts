import type { ByteView } from '../base/byte-view.ts';
import { hasSameValue, RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** What an update of the key becomes: one message under the new key, or a delete of the old key and an insert under the new one. */
export type KeyChangeStyle = 'update' | 'delete-insert';

/** Sees whether an update changed the key of its row, in one version of a table. */
export class KeyChange {
  private readonly columns: Int32Array;
  private readonly reach: number;
  private readonly oldImage: RowImage;
  private readonly newImage: RowImage;

  constructor(schema: TableSchema) {
    const table = `${schema.schema}.${schema.table}`;
    this.columns = Int32Array.from(schema.keyColumns);
    this.reach = Math.max(...schema.keyColumns) + 1;
    this.oldImage = new RowImage(table, schema.columns.length);
    this.newImage = new RowImage(table, schema.columns.length);
  }

  /**
   * Whether the images `input[oldStart, oldEnd)` and `input[newStart, newEnd)` have different keys. The server sends the old image of every
   * update that changes the key; without one it is the same.
   */
  isBetween(input: ByteView, oldStart: number, oldEnd: number, newStart: number, newEnd: number): boolean {
    if (oldStart === oldEnd) return false;
    const { columns, oldImage, newImage } = this;
    oldImage.locate(input, oldStart, oldEnd, this.reach);
    newImage.locate(input, newStart, newEnd, this.reach);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      if (newImage.lengths[column]! > UNCHANGED_COLUMN && !hasSameValue(input.bytes, oldImage, newImage, column)) return true;
    }
    return false;
  }
}

/** Null where an update stays one row: in that style, and in tables without a key. */
export function compileKeyChange(style: KeyChangeStyle, schema: TableSchema): KeyChange | null {
  return style === 'delete-insert' && schema.keyColumns.length > 0 ? new KeyChange(schema) : null;
}
