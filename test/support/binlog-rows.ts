import { readFileSync } from 'node:fs';
import { charsetOfCollation } from '../../engine/source/mysql/binlog/collations.ts';
import { ColumnType } from '../../engine/source/mysql/binlog/column-types.ts';
import { CHECKSUM_BYTES, EventType, HEADER_BYTES, HeaderAt, u32le } from '../../engine/source/mysql/binlog/event-layout.ts';
import { Fields } from '../../engine/source/mysql/binlog/fields.ts';
import { RowBounds, valueBytes } from '../../engine/source/mysql/binlog/row-bounds.ts';
import { RowsEvent, tableIdOf } from '../../engine/source/mysql/binlog/rows-event.ts';
import { parseTableMap, type TableMap } from '../../engine/source/mysql/binlog/table-map.ts';
import type { LogColumn } from '../../engine/source/mysql/rows/layout.ts';
import type { Flavor } from '../../engine/source/mysql/url.ts';

const ROWS_EVENTS: ReadonlySet<number> = new Set([EventType.writeRowsV1, EventType.writeRows]);
const MAGIC_BYTES = 4;
const UTF8 = new TextDecoder();

/** The rows that were inserted into one table, as a log has them. */
export interface LoggedTable {
  readonly columns: readonly LogColumn[];
  readonly names: readonly string[];
  readonly images: Uint8Array[];
}

/** Reads the whole inserted rows of every table out of binlog files that have full metadata and checksums. */
export function readBinlogRows(files: readonly string[], flavor: Flavor): Map<string, LoggedTable> {
  const tables = new Map<string, LoggedTable>();
  for (const file of files) {
    const maps = new Map<number, TableMap>();
    for (const event of eventsOf(readFileSync(file))) {
      const type = event[HeaderAt.type]!;
      const end = event.length - CHECKSUM_BYTES;
      if (type === EventType.tableMap) {
        const map = parseTableMap(new Fields(event, HEADER_BYTES, end, 'a TABLE_MAP event'), flavor);
        maps.set(map.tableId, map);
      } else if (ROWS_EVENTS.has(type)) {
        const map = maps.get(tableIdOf(event, 0, end));
        if (map !== undefined) addRows(tables, map, event, end);
      }
    }
  }
  return tables;
}

function* eventsOf(log: Buffer): Generator<Buffer> {
  for (let at = MAGIC_BYTES; at < log.length;) {
    const length = u32le(log, at + HeaderAt.length);
    yield log.subarray(at, at + length);
    at += length;
  }
}

function addRows(tables: Map<string, LoggedTable>, map: TableMap, event: Buffer, end: number): void {
  const columns = map.columns.map((_column, i) => logColumn(map, i));
  const known = tables.get(map.table) ?? { columns, names: map.optional.names ?? [], images: [] };
  tables.set(map.table, known);
  const rows = new RowsEvent();
  rows.read(event, 0, end, map.table, columns.length);
  const bounds = new RowBounds(columns.map((column) => valueBytes(column)!));
  for (let at = rows.rowsStart; at < end;) {
    const rowEnd = bounds.end(event, at, end);
    if (rowEnd < 0) throw new Error(`a row of ${map.table} does not end`);
    known.images.push(event.subarray(at, rowEnd));
    at = rowEnd;
  }
}

function logColumn({ columns, optional }: TableMap, index: number): LogColumn {
  const { type, metadata } = columns[index]!;
  const collation = optional.collations.get(index);
  return {
    type,
    metadata,
    isUnsigned: optional.unsigned.has(index),
    charset: collation === undefined || type === ColumnType.geometry ? null : charsetOfCollation(collation, 'mariadb'),
    labels: optional.labels.get(index)?.map((label) => UTF8.decode(label)) ?? null,
    meaning: null,
  };
}
