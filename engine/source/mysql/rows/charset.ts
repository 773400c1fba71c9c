import { MAX_GROWTH, NOT_TEXT, type CharsetDecoder } from './charset-decoder.ts';
import { readCharsetTable } from './charset-table.ts';
import { TableDecoder } from './table-decoder.ts';
import { Ucs2Decoder, Utf16Decoder, Utf32Decoder } from './utf-decoders.ts';

/** Those whose bytes are UTF-8 already, or no text at all. */
const AS_THEY_ARE = new Set(['utf8mb4', 'utf8mb3', 'binary']);

const BY_CODE: Readonly<Record<string, () => CharsetDecoder>> = {
  ucs2: () => new Ucs2Decoder(),
  utf16: () => new Utf16Decoder(false),
  utf16le: () => new Utf16Decoder(true),
  utf32: () => new Utf32Decoder(),
};

const known = new Map<string, CharsetDecoder>();

/** The decoder of a character set by the servers' name, made when it is first asked for; null for one whose bytes are copied. */
export function charsetDecoder(charset: string): CharsetDecoder | null {
  if (AS_THEY_ARE.has(charset)) return null;
  let decoder = known.get(charset);
  if (decoder === undefined) {
    decoder = BY_CODE[charset]?.() ?? new TableDecoder(readCharsetTable(charset));
    known.set(charset, decoder);
  }
  return decoder;
}

/** The text of all of `bytes`, for what is not in the path of rows: labels, names, defaults. Null when they are no text of the set. */
export function decodeText(bytes: Uint8Array, charset: string): string | null {
  const decoder = charsetDecoder(charset);
  if (decoder === null) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const output = Buffer.allocUnsafe(MAX_GROWTH * bytes.length);
  const end = decoder.decode(bytes, 0, bytes.length, output, 0);
  return end === NOT_TEXT ? null : output.toString('utf8', 0, end);
}
