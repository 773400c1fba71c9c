import type { ByteView } from '../base/byte-view.ts';
import { valueBound, VALUE_FACTOR, VALUE_OVERHEAD } from '../change/json/bound.ts';
import type { RowObject } from '../change/json/object.ts';
import { RowImage, UNCHANGED_COLUMN } from '../change/row-image.ts';

/** Upper bounds of what a row's values take as JSON: a wide one without a look at the row, and a close one, column by column. */
export class RowBound {
  private readonly row: RowObject;
  private readonly oldImage: RowImage;
  private readonly newImage: RowImage;

  constructor(table: string, row: RowObject) {
    this.row = row;
    this.oldImage = new RowImage(table, row.values.length);
    this.newImage = new RowImage(table, row.values.length);
  }

  /** For images of so many bytes, each value of which stands in a message at most `places` times. */
  wide(imageBytes: number, places: number): number {
    return places * (VALUE_OVERHEAD * this.row.values.length + VALUE_FACTOR * imageBytes);
  }

  /** Finds the columns of both images, empty where there is none. */
  locate(input: ByteView, oldStart: number, newStart: number, newEnd: number): void {
    find(this.oldImage, input, oldStart, newStart);
    find(this.newImage, input, newStart, newEnd);
  }

  /** Of one column in the old image; 0 where that has no value. */
  old(column: number, input: ByteView): number {
    return this.of(column, this.oldImage, input);
  }

  /** Of one column in the new image; 0 where that has no value. */
  new(column: number, input: ByteView): number {
    return this.of(column, this.newImage, input);
  }

  /** Of one column in the row as it is now: what is unchanged is filled from the old image. */
  filled(column: number, input: ByteView): number {
    return this.newImage.lengths[column]! <= UNCHANGED_COLUMN ? this.old(column, input) : this.new(column, input);
  }

  private of(column: number, image: RowImage, input: ByteView): number {
    const length = image.lengths[column]!;
    if (length < 0) return 0;
    const start = image.starts[column]!;
    return valueBound(this.row.values[column]!, input, start, start + length);
  }
}

function find(image: RowImage, input: ByteView, start: number, end: number): void {
  if (start === end) image.lengths.fill(UNCHANGED_COLUMN);
  else image.locate(input, start, end, image.lengths.length);
}
