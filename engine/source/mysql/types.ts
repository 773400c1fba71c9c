import { ColumnKind } from '../../change/column-kind.ts';
import { ColumnType } from './binlog/column-types.ts';
import type { LogColumn } from './rows/layout.ts';

/** What encoders must know of a column's type. */
export interface ValueType {
  readonly kind: ColumnKind;
  /** The type as one would declare it, as far as the log tells: `int unsigned`, `varchar(20)`. */
  readonly sourceType: string;
  /** In characters, bytes or bits; -1 where the type has none. */
  readonly length: number;
}

/** Character sets whose characters have more than one byte, and how many at most: declared lengths are in characters. */
const WIDTHS: Readonly<Record<string, number>> = {
  utf8mb4: 4,
  utf8mb3: 3,
  utf8: 3,
  ucs2: 2,
  utf16: 4,
  utf16le: 4,
  utf32: 4,
  gb18030: 4,
  big5: 2,
  cp932: 2,
  sjis: 2,
  euckr: 2,
  gb2312: 2,
  gbk: 2,
  ujis: 3,
  eucjpms: 3,
};

const INTEGERS: Readonly<Record<number, string>> = {
  [ColumnType.tiny]: 'tinyint',
  [ColumnType.short]: 'smallint',
  [ColumnType.int24]: 'mediumint',
  [ColumnType.long]: 'int',
  [ColumnType.longlong]: 'bigint',
};

const MEANINGS: Readonly<Record<NonNullable<LogColumn['meaning']>, ColumnKind>> = {
  json: ColumnKind.json,
  inet4: ColumnKind.text,
  inet6: ColumnKind.text,
  uuid: ColumnKind.uuid,
  vector: ColumnKind.json,
};

/** By the bytes of the length in front of a value. */
const BLOBS = ['blob', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
const TEXTS = ['text', 'tinytext', 'text', 'mediumtext', 'longtext'];

/** What a column of the log is; null for a type code that no server should have written. */
export function valueTypeOf(column: LogColumn): ValueType | null {
  const { type, metadata } = column;
  if (column.meaning !== null) return plain(MEANINGS[column.meaning], column.meaning);
  const integer = INTEGERS[type];
  if (integer !== undefined) return signed(column, column.isUnsigned ? ColumnKind.uint : ColumnKind.int, integer);
  switch (type) {
    case ColumnType.float:
      return signed(column, ColumnKind.float32, 'float');
    case ColumnType.double:
      return signed(column, ColumnKind.float64, 'double');
    case ColumnType.newDecimal:
      return signed(column, ColumnKind.decimal, `decimal(${metadata >> 8},${metadata & 0xff})`);
    case ColumnType.bit:
      return { kind: ColumnKind.bit, sourceType: `bit(${metadata})`, length: metadata };
    case ColumnType.year:
      return plain(ColumnKind.year, 'year');
    case ColumnType.date:
    case ColumnType.newDate:
      return plain(ColumnKind.date, 'date');
    case ColumnType.time:
    case ColumnType.time2:
      return plain(ColumnKind.time, withFraction('time', metadata));
    case ColumnType.datetime:
    case ColumnType.datetime2:
      return plain(ColumnKind.datetime, withFraction('datetime', metadata));
    case ColumnType.timestamp:
    case ColumnType.timestamp2:
      return plain(ColumnKind.timestamptz, withFraction('timestamp', metadata));
    case ColumnType.enum:
      return plain(ColumnKind.enum, withLabels('enum', column.labels));
    case ColumnType.set:
      return plain(ColumnKind.set, withLabels('set', column.labels));
    case ColumnType.json:
      return plain(ColumnKind.json, 'json');
    case ColumnType.vector:
      return plain(ColumnKind.json, 'vector');
    case ColumnType.geometry:
      return plain(ColumnKind.geometry, 'geometry');
    default:
      return stringType(column);
  }
}

function stringType({ type, metadata, charset }: LogColumn): ValueType | null {
  const isBinary = charset === null || charset === 'binary';
  const kind = isBinary ? ColumnKind.bytes : ColumnKind.text;
  const length = isBinary ? metadata : Math.floor(metadata / (WIDTHS[charset] ?? 1));
  switch (type) {
    case ColumnType.string:
      return { kind, sourceType: `${isBinary ? 'binary' : 'char'}(${length})`, length };
    case ColumnType.varchar:
    case ColumnType.varString:
    case ColumnType.varcharCompressed:
      return { kind, sourceType: `${isBinary ? 'varbinary' : 'varchar'}(${length})`, length };
    case ColumnType.blob:
    case ColumnType.blobCompressed:
    case ColumnType.tinyBlob:
    case ColumnType.mediumBlob:
    case ColumnType.longBlob:
      return plain(kind, (isBinary ? BLOBS : TEXTS)[metadata] ?? (isBinary ? 'blob' : 'text'));
    default:
      return null;
  }
}

function plain(kind: ColumnKind, sourceType: string): ValueType {
  return { kind, sourceType, length: -1 };
}

function signed(column: LogColumn, kind: ColumnKind, name: string): ValueType {
  return plain(kind, column.isUnsigned ? `${name} unsigned` : name);
}

function withFraction(name: string, digits: number): string {
  return digits === 0 ? name : `${name}(${digits})`;
}

function withLabels(name: string, labels: readonly string[] | null): string {
  return `${name}(${(labels ?? []).map((label) => `'${label.replaceAll("'", "''")}'`).join(',')})`;
}
