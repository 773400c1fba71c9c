/** Turns the text of one character set into UTF-8. */
export interface CharsetDecoder {
  /**
   * Writes the text that `input[start, end)` is to `output` from `position` on, where there must be room for `MAX_GROWTH` times as many
   * bytes, and returns its end; `NOT_TEXT` when the bytes are none, or are a character that the servers have no Unicode for.
   */
  decode(input: Uint8Array, start: number, end: number, output: Uint8Array, position: number): number;
}

/** What becomes of bytes that are no text of their character set. */
export const NOT_TEXT = -1;

/** A byte becomes three at most: those of a character in a set of one byte, or of the two that UCS-2 has. */
export const MAX_GROWTH = 3;
