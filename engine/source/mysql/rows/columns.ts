import { MillraceError } from '../../../base/errors.ts';
import { ColumnType } from '../binlog/column-types.ts';
import { inet4Column, inet6Column, uuidColumn } from './addresses.ts';
import type { ColumnDecoder, ColumnName } from './column-decoder.ts';
import { decimalColumn, SCALE_MAX, PRECISION_MAX } from './decimal.ts';
import { DOUBLE_COLUMN, FLOAT_COLUMN } from './floats.ts';
import { geometryColumn } from './geometry.ts';
import { bitColumn, integerColumn, YEAR_COLUMN } from './integers.ts';
import { jsonColumn } from './json-binary.ts';
import type { LogColumn } from './layout.ts';
import { compressedColumn, enumColumn, setColumn, stringColumn } from './text.ts';
import { DATE_COLUMN, datetime2Column, FRACTION_DIGITS_MAX, time2Column, timestamp2Column } from './temporal.ts';
import { datetimeColumn, timeColumn, timestampColumn } from './temporal-old.ts';
import { vectorColumn } from './vector.ts';

/** Longest string whose length has one byte in front of it. */
const SHORT_STRING_BYTES = 255;
const BITS_MAX = 64;

/**
 * The decoder of a column.
 * @throws MillraceError COLUMN_TYPE_UNKNOWN
 */
export function compileColumn(name: ColumnName, column: LogColumn, zone: string): ColumnDecoder {
  switch (column.meaning) {
    case 'uuid':
      return uuidColumn();
    case 'inet4':
      return inet4Column();
    case 'inet6':
      return inet6Column();
    case 'vector':
      return vectorColumn(name, prefixOf(column.metadata));
    default:
      return numberColumn(name, column) ?? temporalColumn(name, column, zone) ?? otherColumn(name, column) ?? failType(name, column);
  }
}

function numberColumn(name: ColumnName, { type, metadata, isUnsigned }: LogColumn): ColumnDecoder | null {
  switch (type) {
    case ColumnType.tiny:
      return integerColumn(1, isUnsigned);
    case ColumnType.short:
      return integerColumn(2, isUnsigned);
    case ColumnType.int24:
      return integerColumn(3, isUnsigned);
    case ColumnType.long:
      return integerColumn(4, isUnsigned);
    case ColumnType.longlong:
      return integerColumn(8, isUnsigned);
    case ColumnType.float:
      return FLOAT_COLUMN;
    case ColumnType.double:
      return DOUBLE_COLUMN;
    case ColumnType.bit:
      return metadata >= 1 && metadata <= BITS_MAX ? bitColumn(metadata) : null;
    case ColumnType.newDecimal: {
      const precision = metadata >> 8;
      const scale = metadata & 0xff;
      const isValid = precision >= 1 && precision <= PRECISION_MAX && scale <= SCALE_MAX && scale <= precision;
      return isValid ? decimalColumn(name, precision, scale) : null;
    }
    default:
      return null;
  }
}

function temporalColumn(name: ColumnName, { type, metadata }: LogColumn, zone: string): ColumnDecoder | null {
  if (type === ColumnType.year) return YEAR_COLUMN;
  if (type === ColumnType.date || type === ColumnType.newDate) return DATE_COLUMN;
  if (metadata > FRACTION_DIGITS_MAX) return null;
  switch (type) {
    case ColumnType.time2:
      return time2Column(name, metadata);
    case ColumnType.datetime2:
      return datetime2Column(name, metadata);
    case ColumnType.timestamp2:
      return timestamp2Column(name, metadata, zone);
    case ColumnType.time:
      return timeColumn(name, metadata);
    case ColumnType.datetime:
      return datetimeColumn(name, metadata);
    case ColumnType.timestamp:
      return timestampColumn(name, metadata, zone);
    default:
      return null;
  }
}

function otherColumn(name: ColumnName, { type, metadata, charset, labels }: LogColumn): ColumnDecoder | null {
  switch (type) {
    case ColumnType.string:
    case ColumnType.varString:
    case ColumnType.varchar:
      return stringColumn(name, prefixOf(metadata), charset);
    case ColumnType.varcharCompressed:
      return compressedColumn(name, prefixOf(metadata), charset);
    case ColumnType.enum:
      return labels === null || metadata < 1 || metadata > 2 ? null : enumColumn(name, metadata, labels);
    case ColumnType.set:
      return labels === null || metadata < 1 || metadata > 8 ? null : setColumn(name, metadata, labels);
    default:
      return metadata < 1 || metadata > 4 ? null : longColumn(name, type, metadata, charset);
  }
}

/** Types whose metadata is the bytes of the length in front of a value. */
function longColumn(name: ColumnName, type: number, prefix: number, charset: string | null): ColumnDecoder | null {
  switch (type) {
    case ColumnType.blob:
    case ColumnType.tinyBlob:
    case ColumnType.mediumBlob:
    case ColumnType.longBlob:
      return stringColumn(name, prefix, charset);
    case ColumnType.blobCompressed:
      return compressedColumn(name, prefix, charset);
    case ColumnType.json:
      return jsonColumn(name, prefix);
    case ColumnType.vector:
      return vectorColumn(name, prefix);
    case ColumnType.geometry:
      return geometryColumn(name, prefix);
    default:
      return null;
  }
}

function prefixOf(bytes: number): number {
  return bytes > SHORT_STRING_BYTES ? 2 : 1;
}

function failType(name: ColumnName, { type, metadata }: LogColumn): never {
  const { table, column } = name;
  throw new MillraceError(
    'COLUMN_TYPE_UNKNOWN',
    `column ${column} of ${table} has the type ${type} with the metadata ${metadata} in the log, which is none that MariaDB or MySQL documents`,
    { table, column, type, metadata },
  );
}
