import { MillraceError } from '../../../base/errors.ts';
import { ColumnState } from '../../../change/operation.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const NULL_LETTER = 0x4e;

/** What COPY writes behind a backslash, and what it stands for; 0 for anything else, which it never writes. */
const ESCAPED = new Uint8Array(256);
for (const [letter, byte] of ['b\b', 'f\f', 'n\n', 'r\r', 't\t', 'v\v', '\\\\']) ESCAPED[letter!.charCodeAt(0)] = byte!.charCodeAt(0);

/** State and length in front of a value. */
const VALUE_HEADER = 5;
const BYTES_FIRST = 65_536;
/** A buffer that one long row made larger is not kept. */
const BYTES_KEPT = 1_048_576;

/**
 * Turns lines of COPY's text form (PostgreSQL manual, COPY, "Text Format") into row images (`change/operation.ts`), in one buffer that each
 * line uses anew. Values are the same text that the stream has of them.
 */
export class CopyLine {
  /** The last image, from 0 to what `read` returned. */
  bytes: Uint8Array = new Uint8Array(BYTES_FIRST);
  private readonly table: string;
  private readonly columns: number;

  /** @param table for errors */
  constructor(table: string, columns: number) {
    this.table = table;
    this.columns = columns;
  }

  /**
   * Reads the line `input[start, end)`, its line feed included. Returns the image's end.
   * @throws MillraceError `COPY_MALFORMED` for what is no line of so many columns
   */
  read(input: Uint8Array, start: number, end: number): number {
    if (end <= start || input[end - 1] !== NEWLINE) this.fail(start, end, end);
    const { columns } = this;
    const out = this.room(2 + columns * VALUE_HEADER + (end - start));
    out[0] = columns >> 8;
    out[1] = columns;
    let at = start;
    let position = 2;
    for (let column = 0; column < columns; column++) {
      if (input[at] === BACKSLASH && input[at + 1] === NULL_LETTER) {
        out[position++] = ColumnState.null;
        at += 2;
      } else {
        const value = position + VALUE_HEADER;
        let to = value;
        let byte = input[at]!;
        // The line feed at the end stops this loop in any line.
        while (byte !== TAB && byte !== NEWLINE) {
          if (byte === BACKSLASH) {
            byte = ESCAPED[input[++at]!]!;
            if (byte === 0) this.fail(start, end, at);
          }
          out[to++] = byte;
          byte = input[++at]!;
        }
        const length = to - value;
        out[position] = ColumnState.value;
        out[position + 1] = length >>> 24;
        out[position + 2] = length >>> 16;
        out[position + 3] = length >>> 8;
        out[position + 4] = length;
        position = to;
      }
      if (input[at] !== (column === columns - 1 ? NEWLINE : TAB)) this.fail(start, end, at);
      at++;
    }
    if (at !== end && !(columns === 0 && at === end - 1)) this.fail(start, end, at);
    return position;
  }

  private room(bytes: number): Uint8Array {
    if (bytes > this.bytes.length) this.bytes = new Uint8Array(Math.max(bytes, 2 * this.bytes.length));
    else if (this.bytes.length > BYTES_KEPT && bytes <= BYTES_KEPT) this.bytes = new Uint8Array(BYTES_FIRST);
    return this.bytes.length >= bytes ? this.bytes : (this.bytes = new Uint8Array(bytes));
  }

  private fail(start: number, end: number, at: number): never {
    throw new MillraceError(
      'COPY_MALFORMED',
      `the server sent a line of ${end - start} bytes for a row of ${this.table} that does not hold its ${this.columns} columns: wrong at byte ${at - start}`,
      { table: this.table, columns: this.columns, bytes: end - start, at: at - start },
    );
  }
}
