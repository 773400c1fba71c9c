import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../../base/errors.ts';
import { ColumnState } from '../../change/operation.ts';
import { formatLsn } from './lsn.ts';
import { i32, type StreamTable } from './pgoutput-layout.ts';
import type { StreamPlace } from './stream-tables.ts';

/**
 * Refuses a row of a SQL_ASCII database that holds anything but UTF-8: the server sends bytes as they are, and nobody knows their
 * character set. Its images have been checked by `rowImageEnd`; an empty one holds nothing.
 * @throws MillraceError `TEXT_NOT_UTF8` naming table and column
 */
export function refuseForeignText(
  table: StreamTable,
  bytes: Uint8Array,
  oldStart: number,
  oldEnd: number,
  newStart: number,
  newEnd: number,
  { xid, from }: StreamPlace,
): void {
  let column = oldStart === oldEnd ? -1 : columnNotUtf8(bytes, oldStart, table.columnCount);
  if (column < 0 && newStart !== newEnd) column = columnNotUtf8(bytes, newStart, table.columnCount);
  if (column < 0) return;
  const lsn = formatLsn(from.high, from.low);
  const name = table.schema!.columns[column]!.name;
  const message =
    `A value of the column ${name} of ${table.name} is not UTF-8 (transaction ${xid} at ${lsn}). ` +
    "The database's character set is SQL_ASCII, so the server hands over bytes as they are; only UTF-8 is accepted.";
  throw new MillraceError('TEXT_NOT_UTF8', message, { table: table.name, column: name, lsn, xid });
}

/** Index of the first column whose value is not UTF-8, or -1. */
function columnNotUtf8(bytes: Uint8Array, start: number, columns: number): number {
  let at = start + 2;
  for (let column = 0; column < columns; column++) {
    if (bytes[at] !== ColumnState.value) {
      at += 1;
      continue;
    }
    const length = i32(bytes, at + 1);
    if (!isUtf8(bytes.subarray(at + 5, at + 5 + length))) return column;
    at += 5 + length;
  }
  return -1;
}
