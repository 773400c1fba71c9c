import type { LogColumn } from '../rows/layout.ts';
import type { Flavor } from '../url.ts';
import { BINARY_COLLATION, UTF8MB4_BIN } from './collations.ts';
import { ColumnType } from './column-types.ts';
import type { LogPlace } from './log-place.ts';
import { hasSequenceColumns } from './sequence.ts';
import type { MappedColumn, TableMap } from './table-map.ts';

/** What the log leaves open of a column: what it is, or the digits of the fraction of a temporal type of before MySQL 5.6. */
export type Meaning = NonNullable<LogColumn['meaning']> | number;

/** Meanings by name of column. Those that are what the log says need none. */
export type Meanings = ReadonlyMap<string, Meaning>;

export const NO_MEANINGS: Meanings = new Map();

/** Tells what columns are that the log leaves open. */
export interface AmbiguousTypes {
  /**
   * What the columns of a table are at a place of the log, or that it is a sequence and no table; `pending` while that is found out: the
   * call is then repeated.
   * @throws MillraceError `SCHEMA_UNKNOWN`
   */
  meaningsOf(map: TableMap, place: LogPlace): Meanings | 'sequence' | 'pending';
  /** The log has this statement, which may change what columns are. */
  noteStatement(sql: string, database: string, isCut: boolean, place: LogPlace): void;
}

/** Everything is what the log alone says: `MILLRACE_AMBIGUOUS_TYPES=raw`, and MySQL, whose types are all different. */
export const RAW_TYPES: AmbiguousTypes = {
  meaningsOf: (map) => (hasSequenceColumns(map, 'mariadb') ? 'sequence' : NO_MEANINGS),
  noteStatement: () => {},
};

const LENGTH_OF_LONGTEXT = 4;
const INET4_BYTES = 4;
const INET6_AND_UUID_BYTES = 16;
const FLOAT_BYTES = 4;

/**
 * Whether the log leaves open what a table or some column is. MariaDB has types that it logs as others:
 *
 * | type | in the log |
 * |---|---|
 * | JSON (a check with json_valid) | LONGTEXT with utf8mb4_bin |
 * | INET4 | BINARY(4) |
 * | INET6, UUID | BINARY(16) |
 * | VECTOR(n) | VARBINARY(4 * n) |
 * | TIME(n), DATETIME(n), TIMESTAMP(n) of before MySQL 5.6 | as without a fraction, whose values have other lengths |
 * | a sequence | a table of its columns |
 *
 * @param hasVectors the server is new enough for VECTOR: 11.7
 */
export function isAmbiguous(map: TableMap, flavor: Flavor, hasVectors: boolean): boolean {
  if (flavor === 'mysql') return false;
  if (hasSequenceColumns(map, flavor)) return true;
  return map.columns.some((column, index) => isAmbiguousColumn(column, map.optional.collations.get(index), hasVectors));
}

function isAmbiguousColumn({ type, metadata }: MappedColumn, collation: number | undefined, hasVectors: boolean): boolean {
  switch (type) {
    case ColumnType.blob:
      return metadata === LENGTH_OF_LONGTEXT && collation === UTF8MB4_BIN;
    case ColumnType.string:
      return collation === BINARY_COLLATION && (metadata === INET4_BYTES || metadata === INET6_AND_UUID_BYTES);
    case ColumnType.varchar:
      return hasVectors && collation === BINARY_COLLATION && metadata > 0 && metadata % FLOAT_BYTES === 0;
    case ColumnType.time:
    case ColumnType.datetime:
    case ColumnType.timestamp:
      return true;
    default:
      return false;
  }
}
