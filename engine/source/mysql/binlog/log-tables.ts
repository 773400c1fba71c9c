import { copyOf } from '../../../base/byte-view.ts';
import type { RowSink } from '../../../change/row-sink.ts';
import type { TableSchema } from '../../../change/table-schema.ts';
import { MillraceError } from '../../../base/errors.ts';
import type { TableVersions } from '../../versions.ts';
import type { LogLayout } from '../rows/layout.ts';
import type { Flavor } from '../url.ts';
import { isAmbiguous, NO_MEANINGS, type AmbiguousTypes } from './ambiguity.ts';
import { Fields } from './fields.ts';
import type { LogPlace } from './log-place.ts';
import { RowBounds, valueBytes } from './row-bounds.ts';
import { loggedTableOf } from './table-content.ts';
import { parseTableMap, type TableMap } from './table-map.ts';

export interface LogTablesOptions {
  readonly flavor: Flavor;
  readonly versions: TableVersions;
  /** Zone in which TIMESTAMP is written. */
  readonly zone: string;
  /** What the log cannot tell of columns. */
  readonly ambiguous: AmbiguousTypes;
  isSelected(database: string, table: string): boolean;
}

/** A version of a table of the log, selected. */
export class LogTable {
  /** Its index in `LogTables.at`. */
  readonly index: number;
  readonly name: string;
  readonly columnCount: number;
  readonly bounds: RowBounds;
  private readonly schema: TableSchema;
  private readonly versions: TableVersions;
  /** Of the two layouts: whether rows are wanted; null before the sink was asked. */
  private fullId: number | null = null;
  private partialId: number | null = null;

  constructor(index: number, schema: TableSchema, bounds: RowBounds, versions: TableVersions) {
    this.index = index;
    this.name = `${schema.database}.${schema.table}`;
    this.columnCount = schema.columns.length;
    this.bounds = bounds;
    this.schema = schema;
    this.versions = versions;
  }

  /** The id of the version whose images have all columns, or any; -1 when its rows are not wanted. Shows it to the sink the first time. */
  schemaId(isFull: boolean, sink: RowSink): number {
    if (isFull) return (this.fullId ??= shown(this.schema, sink));
    return (this.partialId ??= shown(this.partial(), sink));
  }

  /** Ids of what the sink was shown of it. */
  get shownIds(): readonly number[] {
    return [this.fullId, this.partialId].filter((id) => id !== null && id >= 0) as number[];
  }

  private partial(): TableSchema {
    const form = this.schema.form!;
    return this.versions.variant(this.schema, { ...form, layout: { ...(form.layout as LogLayout), isPartial: true } });
  }
}

/** Descriptions that are kept from transaction to transaction. */
const DESCRIBED_MAX = 4096;

function shown(schema: TableSchema, sink: RowSink): number {
  return sink.schema(schema) ? schema.id : -1;
}

/** What the log said last of a table id: its description, and what became of it; null of a table that is not selected. */
interface Described {
  readonly body: Uint8Array;
  readonly table: LogTable | null;
}

/** The tables that the log has described. Servers repeat the description in front of each statement's rows. */
export class LogTables {
  /** The server is new enough to have the type VECTOR. */
  hasVectors = false;

  private readonly options: LogTablesOptions;
  private readonly described = new Map<number, Described>();
  private readonly bySchema = new Map<number, LogTable>();
  private readonly tables: LogTable[] = [];
  private lastId = -1;
  private last: Described | undefined = undefined;

  constructor(options: LogTablesOptions) {
    this.options = options;
  }

  /** The table of a rows event, null when it is not selected, undefined when nothing described it. */
  find(tableId: number): LogTable | null | undefined {
    // Rows come in runs of one table.
    if (tableId !== this.lastId) {
      this.lastId = tableId;
      this.last = this.described.get(tableId);
    }
    return this.last?.table;
  }

  at(index: number): LogTable {
    return this.tables[index]!;
  }

  /** Versions of a table that rows came of. */
  of(database: string, table: string): LogTable[] {
    return this.tables.filter(({ name }) => name === `${database}.${table}`);
  }

  /** Ids begin anew: another server, or the same one after a restart. */
  clear(): void {
    this.described.clear();
    this.lastId = -1;
    this.last = undefined;
  }

  /** No rows of what was described so far follow: a server that goes through many tables gives them ever new ids. */
  endTransaction(): void {
    if (this.described.size > DESCRIBED_MAX) this.clear();
  }

  /**
   * Takes the body of a TABLE_MAP event. False when the catalogue must be asked first.
   * @throws MillraceError `BINLOG_EVENT_INVALID`, `BINLOG_METADATA_MISSING`, `SCHEMA_UNKNOWN`
   */
  describe(bytes: Uint8Array, start: number, end: number, place: LogPlace): boolean {
    const fields = new Fields(bytes, start, end, 'a TABLE_MAP event');
    const tableId = fields.u48();
    const known = this.described.get(tableId);
    if (known !== undefined && isSame(known.body, bytes, start, end)) return true;
    const table = this.tableOf(new Fields(bytes, start, end, 'a TABLE_MAP event'), place);
    if (table === 'pending') return false;
    this.described.set(tableId, { body: copyOf(bytes, start, end), table });
    this.lastId = -1;
    return true;
  }

  private tableOf(fields: Fields, place: LogPlace): LogTable | null | 'pending' {
    const { flavor, zone, ambiguous, versions } = this.options;
    const map = parseTableMap(fields, flavor);
    if (!this.options.isSelected(map.database, map.table)) return null;
    const meanings = isAmbiguous(map, flavor, this.hasVectors) ? ambiguous.meaningsOf(map, place) : NO_MEANINGS;
    if (meanings === 'pending') return 'pending';
    if (meanings === 'sequence') return null;
    const { content, form } = loggedTableOf(map, meanings, { flavor, zone, place: place.toString() });
    const schema = versions.of(content, form, place.logName);
    let table = this.bySchema.get(schema.id);
    if (table === undefined) {
      table = new LogTable(this.tables.length, schema, new RowBounds(bytesOfColumns(map, form.layout as LogLayout, place)), versions);
      this.tables.push(table);
      this.bySchema.set(schema.id, table);
    }
    return table;
  }
}

function bytesOfColumns(map: TableMap, { columns }: LogLayout, place: LogPlace): number[] {
  return columns.map((column, index) => {
    const bytes = valueBytes(column);
    if (bytes !== null) return bytes;
    const table = `${map.database}.${map.table}`;
    const name = map.optional.names![index]!;
    const message = `Column ${name} of ${table} has the type code ${column.type} with the metadata ${column.metadata} in the log at ${place.toString()}, which do not fit.`;
    throw new MillraceError('SCHEMA_UNKNOWN', message, { table, column: name, type: column.type, place: place.toString() });
  });
}

function isSame(body: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (body.length !== end - start) return false;
  for (let i = 0; i < body.length; i++) if (body[i] !== bytes[start + i]) return false;
  return true;
}
