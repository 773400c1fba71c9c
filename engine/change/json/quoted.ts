import { ByteView } from '../../base/byte-view.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Unescaped tokens up to this size share one buffer; a longer one gets its own, which lives until the next token. */
const SCRATCH_BYTES = 65_536;

/**
 * Reads one `"..."` of PostgreSQL's composite text forms (array, hstore), in which a backslash makes any byte literal.
 * The content is left in `view[start, end)`: in the input itself when it has no backslash, else unescaped in scratch memory.
 */
export class QuotedReader {
  view: ByteView;
  start = 0;
  end = 0;
  private readonly scratch = new ByteView(new Uint8Array(SCRATCH_BYTES));

  constructor() {
    this.view = this.scratch;
  }

  /** `at` is the index after the opening quote. Returns the index after the closing one, -1 when there is none before `end`. */
  read(input: ByteView, at: number, end: number): number {
    const bytes = input.bytes;
    let close = at;
    let escapes = 0;
    while (close < end && bytes[close] !== QUOTE) {
      if (bytes[close] === BACKSLASH) {
        escapes++;
        close++;
      }
      close++;
    }
    if (close >= end) return -1;
    if (escapes === 0) {
      this.view = input;
      this.start = at;
      this.end = close;
    } else {
      this.unescape(bytes, at, close, close - at - escapes);
    }
    return close + 1;
  }

  private unescape(bytes: Uint8Array, start: number, close: number, length: number): void {
    this.view = length <= SCRATCH_BYTES ? this.scratch : new ByteView(new Uint8Array(length));
    const to = this.view.bytes;
    let written = 0;
    for (let at = start; at < close; at++) {
      if (bytes[at] === BACKSLASH) at++;
      to[written++] = bytes[at]!;
    }
    this.start = 0;
    this.end = written;
  }
}
