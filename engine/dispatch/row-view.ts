import { ByteView } from '../base/byte-view.ts';
import { DecodedImages } from '../change/decoded-images.ts';
import type { RowDecoder } from '../change/row-form.ts';

/**
 * A row's images as plans look at them: as they came, or, where they have a form of their own, what of them the plan needs in canonical
 * form. Filled again for each row.
 */
export class RowView {
  /** The images as they came. */
  readonly input = new ByteView(new Uint8Array(0));
  /** Holds those that are looked at, `[oldStart, oldEnd)` and `[newStart, newEnd)`. */
  seen: ByteView = this.input;
  oldStart = 0;
  oldEnd = 0;
  newStart = 0;
  newEnd = 0;
  private readonly decoded: DecodedImages;

  /** @param bytesMax what decoded images may take */
  constructor(bytesMax: number) {
    this.decoded = new DecodedImages(bytesMax);
  }

  /** @throws MillraceError what the decoder throws; ROW_TOO_LARGE */
  use(bytes: Uint8Array, decoder: RowDecoder | null, oldStart: number, oldEnd: number, newStart: number, newEnd: number): void {
    const { input } = this;
    input.use(bytes);
    if (decoder !== null) return this.decode(decoder, oldStart, oldEnd, newStart, newEnd);
    this.seen = input;
    this.oldStart = oldStart;
    this.oldEnd = oldEnd;
    this.newStart = newStart;
    this.newEnd = newEnd;
  }

  private decode(decoder: RowDecoder, oldStart: number, oldEnd: number, newStart: number, newEnd: number): void {
    const { decoded } = this;
    decoded.decode(decoder, this.input, oldStart, oldEnd, newStart, newEnd, 0);
    this.seen = decoded.output;
    this.oldStart = 0;
    this.oldEnd = decoded.newStart;
    this.newStart = decoded.newStart;
    this.newEnd = decoded.newEnd;
  }
}
