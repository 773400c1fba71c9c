import type { Flavor } from '../url.ts';
import type { Fields } from './fields.ts';
import { CHARACTER_TYPES, ColumnType, METADATA_BYTES, NUMERIC_TYPES } from './column-types.ts';
import { readMetadata, type OptionalMetadata } from './table-metadata.ts';

/** A column as a table map describes it. */
export interface MappedColumn {
  /** Code of its real type: ENUM, SET and long CHAR are told from STRING. */
  readonly type: number;
  /** As `LogColumn.metadata` (`rows/layout.ts`). */
  readonly metadata: number;
  readonly nullable: boolean;
}

/** A TABLE_MAP event: the table that the rows events after it are of. */
export interface TableMap {
  readonly tableId: number;
  readonly database: string;
  readonly table: string;
  readonly columns: readonly MappedColumn[];
  readonly optional: OptionalMetadata;
}

/**
 * Reads the body of a TABLE_MAP event.
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function parseTableMap(fields: Fields, flavor: Flavor): TableMap {
  const tableId = fields.u48();
  fields.u16();
  const database = name(fields);
  const table = name(fields);
  const columnCount = fields.lenenc();
  const types = fields.slice(columnCount);
  const metadataEnd = fields.lenenc() + fields.at;
  const raw: MappedColumn[] = [];
  for (const type of types) raw.push({ ...columnOf(fields, type), nullable: false });
  if (fields.at !== metadataEnd) fields.fail('column metadata of another length');
  const nullable = fields.slice((columnCount + 7) >> 3);
  const columns = raw.map((column, index) => ({ ...column, nullable: (nullable[index >> 3]! & (1 << (index & 7))) !== 0 }));
  const optional = readMetadata(fields, {
    columns: columnCount,
    numeric: indexesOf(types, (type) => NUMERIC_TYPES.has(type)),
    character: indexesOf(columns, ({ type }) => CHARACTER_TYPES.has(type) || (flavor === 'mariadb' && type === ColumnType.geometry)),
    enums: indexesOf(columns, ({ type }) => type === ColumnType.enum),
    sets: indexesOf(columns, ({ type }) => type === ColumnType.set),
    labelled: indexesOf(columns, ({ type }) => type === ColumnType.enum || type === ColumnType.set),
  });
  return { tableId, database, table, columns, optional };
}

function name(fields: Fields): string {
  const text = fields.text(fields.u8());
  if (fields.u8() !== 0) fields.fail('a name does not end');
  return text;
}

function columnOf(fields: Fields, type: number): { type: number; metadata: number } {
  const bytes = METADATA_BYTES[type];
  if (bytes === undefined) return fields.fail(`a column of the unknown type ${type}`);
  const first = bytes > 0 ? fields.u8() : 0;
  const second = bytes > 1 ? fields.u8() : 0;
  switch (type) {
    case ColumnType.newDecimal:
      return { type, metadata: (first << 8) | second };
    case ColumnType.bit:
      return { type, metadata: second * 8 + first };
    case ColumnType.enum:
    case ColumnType.set:
      return { type, metadata: second };
    case ColumnType.string:
      if (first === ColumnType.enum || first === ColumnType.set) return { type: first, metadata: second };
      // Lengths above 255 have their two highest bits, inverted, in the type's.
      return { type, metadata: second | (((first & 0x30) ^ 0x30) << 4) };
    default:
      return { type, metadata: first | (second << 8) };
  }
}

function indexesOf<T>(columns: ArrayLike<T>, matches: (column: T) => boolean): number[] {
  return Array.from(columns).flatMap((column, index) => (matches(column) ? [index] : []));
}
