import { ByteView } from '../../../base/byte-view.ts';
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
/** The buffer that is kept between lines is no longer than this. */
const BYTES_KEPT = 1_048_576;

/**
 * Turns lines of COPY's text form (PostgreSQL manual, COPY, "Text Format") into row images (`change/operation.ts`), in one buffer that each
 * line uses anew. Values are the same text that the stream has of them.
 */
export class CopyLine {
  private readonly input = new ByteView(new Uint8Array(0));
  private output = new ByteView(new Uint8Array(BYTES_FIRST));
  private readonly table: string;
  private readonly columns: number;

  /** @param table for errors */
  constructor(table: string, columns: number) {
    this.table = table;
    this.columns = columns;
  }

  /** The last image, from 0 to what `read` returned. */
  get bytes(): Uint8Array {
    return this.output.bytes;
  }

  /**
   * Reads the line `bytes[start, end)`, its line feed included. Returns the image's end.
   * @throws MillraceError `COPY_MALFORMED` for what is no line of so many columns
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    if (end <= start || bytes[end - 1] !== NEWLINE) this.fail(start, end, end);
    const { columns, input } = this;
    input.use(bytes);
    const output = this.room(2 + columns * VALUE_HEADER + (end - start));
    const out = output.bytes;
    output.view.setUint16(0, columns);
    let at = start;
    let position = 2;
    for (let column = 0; column < columns; column++) {
      if (bytes[at] === BACKSLASH && bytes[at + 1] === NULL_LETTER) {
        out[position++] = ColumnState.null;
        at += 2;
      } else {
        const value = position + VALUE_HEADER;
        let to = value;
        for (;;) {
          const plain = copyPlain(input, at, end, output, to);
          to += plain;
          at += plain;
          if (bytes[at] !== BACKSLASH) break;
          const byte = ESCAPED[bytes[at + 1]!]!;
          if (byte === 0) this.fail(start, end, at);
          out[to++] = byte;
          at += 2;
        }
        out[position] = ColumnState.value;
        output.view.setInt32(position + 1, to - value);
        position = to;
      }
      if (bytes[at] !== (column === columns - 1 ? NEWLINE : TAB)) this.fail(start, end, at);
      at++;
    }
    // A line without columns is its line feed.
    if (at !== end && (columns > 0 || at !== end - 1)) this.fail(start, end, at);
    return position;
  }

  /** The last image is no longer needed: the buffer that one long row made larger is not kept. */
  trim(): void {
    if (this.output.bytes.length > BYTES_KEPT) this.output = new ByteView(new Uint8Array(BYTES_FIRST));
  }

  private room(bytes: number): ByteView {
    if (bytes > this.output.bytes.length) this.output = new ByteView(new Uint8Array(bytes));
    return this.output;
  }

  private fail(start: number, end: number, at: number): never {
    throw new MillraceError(
      'COPY_MALFORMED',
      `the server sent a line of ${end - start} bytes for a row of ${this.table} that does not hold its ${this.columns} columns: wrong at byte ${at - start}`,
      { table: this.table, columns: this.columns, bytes: end - start, at: at - start },
    );
  }
}

/**
 * Copies the bytes that stand for themselves, up to a tab, a line feed or a backslash, and returns how many. Four at a time: a word that
 * holds a byte below 0x20 or a backslash is then looked at byte by byte.
 */
function copyPlain(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  const { bytes, view } = input;
  const { bytes: out, view: outView } = output;
  let at = start;
  let to = position;
  for (;;) {
    for (const last = end - 4; at <= last; at += 4, to += 4) {
      const word = view.getInt32(at, true);
      const slashes = word ^ 0x5c5c5c5c;
      if (((((word - 0x20202020) & ~word) | ((slashes - 0x01010101) & ~slashes)) & 0x80808080) !== 0) break;
      outView.setInt32(to, word, true);
    }
    // The line feed at the end of a line stops this loop in any.
    for (const next = at + 4; at < next; at++, to++) {
      const byte = bytes[at]!;
      if (byte === TAB || byte === NEWLINE || byte === BACKSLASH) return at - start;
      out[to] = byte;
    }
  }
}
