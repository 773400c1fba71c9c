import type { ByteView } from '../base/byte-view.ts';
import { isZeroDate } from '../change/json/date.ts';
import { closeObject, type RowObject } from '../change/json/object.ts';
import { JsonForm } from '../change/json/plan.ts';
import { OldImage } from '../change/operation.ts';
import { ABSENT_COLUMN, hasSameValue, NULL_COLUMN, RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** Writes `old` as Maxwell does: the old values of the columns that differ in the message. */
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
   * Writes the object, or nothing when no column is known to differ: then it returns `position`. It is empty when all that differ were null
   * and nulls are not written. Columns that messages do not have do not count. Unchanged TOAST did not change; of a key image only the
   * key's values are known; of what the log left out, nothing is.
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
      if (this.row.isExcluded(column) || this.isSame(input.bytes, column)) continue;
      differs = true;
      p = this.row.writeColumn(column, oldImage, input, output, p);
    }
    return differs ? closeObject(output.bytes, position, p) : position;
  }

  /** Whether both images have the same value, or dates that look alike: all of which a part is zero do. */
  private isSame(bytes: Uint8Array, column: number): boolean {
    const { oldImage, newImage } = this;
    if (hasSameValue(bytes, oldImage, newImage, column)) return true;
    const { form } = this.row.values[column]!;
    if (form !== JsonForm.date && form !== JsonForm.dateOrNull) return false;
    return isEmptyDate(bytes, oldImage, column, form) && isEmptyDate(bytes, newImage, column, form);
  }
}

/** A date of which a part is zero, and null where it becomes null. */
function isEmptyDate(bytes: Uint8Array, { starts, lengths }: RowImage, column: number, form: JsonForm): boolean {
  const length = lengths[column]!;
  if (length === NULL_COLUMN) return form === JsonForm.dateOrNull;
  return isZeroDate(bytes, starts[column]!, starts[column]! + length);
}
