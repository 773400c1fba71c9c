import { inflateRawSync, inflateSync } from 'node:zlib';
import { ByteView, copyBytes } from '../../../base/byte-view.ts';
import { charsetDecoder } from './charset.ts';
import { MAX_GROWTH, NOT_TEXT } from './charset-decoder.ts';
import { failValue, fixed, prefixed, type ColumnDecoder, type ColumnName, type WriteValue } from './column-decoder.ts';
import { readBigEndian } from './digits.ts';

const COMMA = 0x2c;

/** A column of text or bytes with a length of `prefix` bytes in front, by its character set; null: bytes. */
export function stringColumn(name: ColumnName, prefix: number, charset: string | null): ColumnDecoder {
  const { growth, write } = decodingOf(name, charset);
  return prefixed(prefix, growth, write);
}

/** A column whose values have up to `size` bytes, and nothing of the zeros that end them: these come back. */
export function paddedColumn(size: number, room: number, write: WriteValue): ColumnDecoder {
  const padded = new ByteView(new Uint8Array(size));
  return {
    ...prefixed(1, 0, (input, start, end, output, position) => {
      padded.bytes.fill(0);
      copyBytes(input, start, Math.min(end, start + size), padded, 0);
      return write(padded, 0, size, output, position);
    }),
    room,
  };
}

/** A column of ENUM: the number of a label from 1; 0 is the empty string that stands for a value that was none. */
export function enumColumn(name: ColumnName, size: number, labels: readonly string[]): ColumnDecoder {
  const texts = textsOf(labels);
  return fixed(size, longest(texts), (input, start, end, output, position) => {
    const index = size === 1 ? input.bytes[start]! : input.view.getUint16(start, true);
    if (index === 0) return position;
    const text = texts[index - 1];
    if (text === undefined) failValue(name, input, start, end, `the number of one of its ${labels.length} labels`);
    copyBytes(text, 0, text.bytes.length, output, position);
    return position + text.bytes.length;
  });
}

/** A column of SET: a bit for each label, the first the lowest. */
export function setColumn(name: ColumnName, size: number, labels: readonly string[]): ColumnDecoder {
  const texts = textsOf(labels);
  const room = texts.reduce((sum, text) => sum + text.bytes.length + 1, 0);
  return fixed(size, room, (input, start, end, output, position) => {
    const first = position;
    for (let bit = 0; bit < 8 * size; bit++) {
      if ((input.bytes[start + (bit >> 3)]! & (1 << (bit & 7))) === 0) continue;
      const text = texts[bit];
      if (text === undefined) failValue(name, input, start, end, `bits of its ${labels.length} labels alone`);
      if (position > first) output.bytes[position++] = COMMA;
      copyBytes(text, 0, text.bytes.length, output, position);
      position += text.bytes.length;
    }
    return position;
  });
}

/** MariaDB's method of compression in the upper half of a compressed value's first byte; 0 there: not compressed. */
const ZLIB = 8;
const WITHOUT_HEADER = 8;

/**
 * A column of MariaDB's COMPRESSED strings: a byte that says how, the length of the value in as many bytes as it says, and its zlib stream.
 */
export function compressedColumn(name: ColumnName, prefix: number, charset: string | null): ColumnDecoder {
  const { growth, write } = decodingOf(name, charset);
  return prefixed(prefix, 0, (input, start, end, output, position) => {
    const value = start === end ? input : inflate(name, input, start, end);
    const from = value === input ? Math.min(start + 1, end) : 0;
    const to = value === input ? end : value.bytes.length;
    if (position + growth * (to - from) > output.bytes.length) return -1;
    return write(value, from, to, output, position);
  });
}

function inflate(name: ColumnName, input: ByteView, start: number, end: number): ByteView {
  const header = input.bytes[start]!;
  if (header === 0) return input;
  const dataStart = start + 1 + (header & 7);
  if (header >> 4 !== ZLIB || dataStart > end || (header & 7) > 4) failCompressed(name, input, start, end);
  const length = readBigEndian(input.bytes, start + 1, dataStart);
  const data = Buffer.from(input.bytes.subarray(dataStart, end));
  const read = (header & WITHOUT_HEADER) === 0 ? inflateSync : inflateRawSync;
  try {
    const value = read(data, { maxOutputLength: Math.max(length, 1) });
    if (value.length === length) return new ByteView(value);
  } catch {
    // What it is not is what the error below says.
  }
  return failCompressed(name, input, start, end);
}

function failCompressed(name: ColumnName, input: ByteView, start: number, end: number): never {
  return failValue(name, input, start, end, 'a compressed value of the stated length');
}

function decodingOf(name: ColumnName, charset: string | null): { readonly growth: number; readonly write: WriteValue } {
  const decoder = charset === null ? null : charsetDecoder(charset);
  if (decoder === null) return { growth: 1, write: copyValue };
  const write: WriteValue = (input, start, end, output, position) => {
    const written = decoder.decode(input.bytes, start, end, output.bytes, position);
    return written === NOT_TEXT ? failValue(name, input, start, end, `text in the character set ${charset}`) : written;
  };
  return { growth: MAX_GROWTH, write };
}

function copyValue(input: ByteView, start: number, end: number, output: ByteView, position: number): number {
  copyBytes(input, start, end, output, position);
  return position + end - start;
}

function textsOf(labels: readonly string[]): ByteView[] {
  return labels.map((label) => new ByteView(new TextEncoder().encode(label)));
}

function longest(texts: readonly ByteView[]): number {
  return Math.max(0, ...texts.map((text) => text.bytes.length));
}
