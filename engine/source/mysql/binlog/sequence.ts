import type { Flavor } from '../url.ts';
import { ColumnType } from './column-types.ts';
import type { TableMap } from './table-map.ts';

/** Columns of a sequence, in their order. */
const COLUMNS = [
  'next_not_cached_value',
  'minimum_value',
  'maximum_value',
  'start_value',
  'increment',
  'cache_size',
  'cycle_option',
  'cycle_count',
];

/** A sequence has the integers that it was declared with (`CREATE SEQUENCE s AS int`). */
const INTEGERS: ReadonlySet<number> = new Set([ColumnType.tiny, ColumnType.short, ColumnType.int24, ColumnType.long, ColumnType.longlong]);

/**
 * Whether what the log describes has the columns of a sequence of MariaDB. The log has each range of numbers that a sequence hands out as a
 * row that is inserted, like a row of a table. A table can have these columns too (`CREATE TABLE t SELECT * FROM s`): the catalogue tells.
 */
export function hasSequenceColumns({ columns, optional }: TableMap, flavor: Flavor): boolean {
  const { names, primaryKey } = optional;
  return (
    flavor === 'mariadb' &&
    names !== null &&
    primaryKey.length === 0 &&
    names.length === COLUMNS.length &&
    names.every((name, index) => name === COLUMNS[index]) &&
    columns.every(({ type, nullable }) => INTEGERS.has(type) && !nullable)
  );
}
