import {
  PACKED_COLUMN_WORDS,
  PACKED_LABEL_WORDS,
  PACKED_TABLE_BYTES,
  type PackedLayout,
  PackedKind,
} from '../../../change/packed-layout.ts';
import { ColumnType } from '../binlog/column-types.ts';
import { charsetDecoder } from './charset.ts';
import { type CharsetDecoder, NOT_TEXT } from './charset-decoder.ts';
import type { ColumnDecoder } from './column-decoder.ts';
import type { LogColumn, LogLayout } from './layout.ts';

/** A `PackedKind`, and up to three operands. */
type Packed = readonly number[];

const ZONE = 'UTC';
/** Longest string whose length has one byte in front of it. */
const SHORT_STRING_BYTES = 255;

/**
 * What native code must know to find, or to make, the texts of a table's images (`native-bridge/src/packed_image.h`) as the columns'
 * `decoders` do.
 */
export function packLayout(layout: LogLayout, decoders: readonly ColumnDecoder[]): PackedLayout {
  const constants = new Constants();
  const columns = layout.columns.flatMap((column, i) => {
    const words = packColumn(column, layout.zone, constants) ?? packOther(decoders[i]!);
    return [...words, ...Array.from({ length: PACKED_COLUMN_WORDS - words.length }, () => 0)];
  });
  const head = [layout.isPartial ? 1 : 0, layout.columns.length, constants.labels];
  return { words: Int32Array.from([...head, ...columns, ...constants.words]), constants: constants.bytes() };
}

/** Null for what native code does not know. */
function packColumn(column: LogColumn, zone: string, constants: Constants): Packed | null {
  const { type, metadata, isUnsigned, meaning } = column;
  // JSON of MariaDB is text.
  if (meaning !== null && meaning !== 'json') return null;
  switch (type) {
    case ColumnType.tiny:
      return packInteger(1, isUnsigned);
    case ColumnType.short:
      return packInteger(2, isUnsigned);
    case ColumnType.int24:
      return packInteger(3, isUnsigned);
    case ColumnType.long:
      return packInteger(4, isUnsigned);
    case ColumnType.longlong:
      return packInteger(8, isUnsigned);
    case ColumnType.newDecimal:
      return [PackedKind.decimal, metadata >> 8, metadata & 0xff];
    case ColumnType.float:
      return [PackedKind.float, 4];
    case ColumnType.double:
      return [PackedKind.float, 8];
    case ColumnType.bit:
      return [PackedKind.bits, (metadata + 7) >> 3];
    case ColumnType.enum:
      return [PackedKind.enum, metadata, ...constants.addLabels(column)];
    case ColumnType.set:
      return [PackedKind.set, metadata, ...constants.addLabels(column)];
    default:
      return packTime(column, zone) ?? packText(column, constants);
  }
}

function packInteger(bytes: number, isUnsigned: boolean): Packed {
  return [PackedKind.integer, bytes, isUnsigned ? 0 : 1];
}

function packTime({ type, metadata }: LogColumn, zone: string): Packed | null {
  switch (type) {
    case ColumnType.year:
      return [PackedKind.year];
    case ColumnType.date:
    case ColumnType.newDate:
      return [PackedKind.date];
    case ColumnType.time2:
      return [PackedKind.time, metadata];
    case ColumnType.datetime2:
      return [PackedKind.datetime, metadata];
    case ColumnType.timestamp2:
      return zone === ZONE ? [PackedKind.timestamp, metadata] : null;
    default:
      return null;
  }
}

function packText({ type, metadata, charset }: LogColumn, constants: Constants): Packed | null {
  const prefix = prefixOf(type, metadata);
  if (prefix === null) return null;
  const decoder = charset === null ? null : charsetDecoder(charset);
  return decoder === null ? [PackedKind.text, prefix] : [PackedKind.mapped, prefix, constants.addTable(decoder)];
}

/** Bytes of the length in front of a text, or of bytes; null for other types. */
function prefixOf(type: number, metadata: number): number | null {
  switch (type) {
    case ColumnType.string:
    case ColumnType.varString:
    case ColumnType.varchar:
      return metadata > SHORT_STRING_BYTES ? 2 : 1;
    case ColumnType.tinyBlob:
    case ColumnType.mediumBlob:
    case ColumnType.longBlob:
    case ColumnType.blob:
      return metadata;
    default:
      return null;
  }
}

/** Native code steps over nulls of such a column, and leaves rows with a value to the decoder. */
function packOther({ prefix, size }: ColumnDecoder): Packed {
  return prefix === 0 ? [PackedKind.fixed, size] : [PackedKind.other, prefix];
}

/** Labels of all columns and tables of their character sets: their bytes, and where each label lies. */
class Constants {
  readonly words: number[] = [];
  private readonly parts: Buffer[] = [];
  private end = 0;
  /** Offsets of tables. */
  private readonly tables = new Map<CharsetDecoder, number>();

  get labels(): number {
    return this.words.length / PACKED_LABEL_WORDS;
  }

  /** Index of the column's first label, and their count. */
  addLabels({ labels }: LogColumn): [number, number] {
    const first = this.labels;
    for (const label of labels ?? []) {
      const text = Buffer.from(label);
      this.words.push(this.end, text.length);
      this.add(text);
    }
    return [first, this.labels - first];
  }

  /** Offset of the table of a character set: its characters of one byte. */
  addTable(decoder: CharsetDecoder): number {
    const offset = this.tables.get(decoder) ?? this.add(tableOf(decoder));
    this.tables.set(decoder, offset);
    return offset;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.parts));
  }

  private add(part: Buffer): number {
    const offset = this.end;
    this.parts.push(part);
    this.end += part.length;
    return offset;
  }
}

/** What begins a longer character is no text by itself. */
function tableOf(decoder: CharsetDecoder): Buffer {
  const table = Buffer.alloc(PACKED_TABLE_BYTES);
  const width = table.length / 256;
  for (let byte = 0; byte < 256; byte++) {
    const end = decoder.decode(Uint8Array.of(byte), 0, 1, table, byte * width + 1);
    table[byte * width] = end === NOT_TEXT ? 0 : end - byte * width - 1;
  }
  return table;
}
