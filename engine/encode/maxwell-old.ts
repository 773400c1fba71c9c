import type { ByteView } from '../base/byte-view.ts';
import { closeObject, type RowObject } from '../change/json/object.ts';
import { OldImage } from '../change/operation.ts';
import { ABSENT_COLUMN, hasSameValue, RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** Writes `old` as Maxwell does: the old values of the columns whose text differs. */
export class ChangedColumns {
  private readonly row: RowObject;
  private readonly oldImage: RowImage;
  private readonly newImage: RowImage;

  constructor(schema: TableSchema, row: RowObject) {
    const table = `${schema.schema}.${schema.table}`;
    this.row = row;
    this.oldImage = new RowImage(table, schema.columns.length);
    this.newImage = new RowImage(table, schema.columns.length);
  }

  /**
   * Writes the object, or nothing when no column is known to differ: then it returns `position`. It is empty when the style leaves out all
   * that differ. Unchanged TOAST did not change; of a key image only the key's values are known; of what the log left out,
   * nothing is.
   */
  write(input: ByteView, kind: OldImage, oldStart: number, newStart: number, newEnd: number, output: ByteView, position: number): number {
    if (kind === OldImage.none) return position;
    const { oldImage, newImage } = this;
    const columns = oldImage.lengths.length;
    oldImage.locate(input, oldStart, newStart, columns);
    newImage.locate(input, newStart, newEnd, columns);
    let p = position;
    let differs = false;
    for (let column = 0; column < columns; column++) {
      if (newImage.lengths[column]! <= UNCHANGED_COLUMN || oldImage.lengths[column] === ABSENT_COLUMN) continue;
      if (kind === OldImage.key && oldImage.lengths[column]! < 0) continue;
      if (hasSameValue(input.bytes, oldImage, newImage, column)) continue;
      differs = true;
      p = this.row.writeColumn(column, oldImage, input, output, p);
    }
    return differs ? closeObject(output.bytes, position, p) : position;
  }
}
