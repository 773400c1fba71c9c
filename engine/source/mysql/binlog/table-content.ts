import { MillraceError } from '../../../base/errors.ts';
import type { RowForm } from '../../../change/row-form.ts';
import type { ColumnSchema } from '../../../change/table-schema.ts';
import type { TableContent } from '../../versions.ts';
import { decodeText } from '../rows/charset.ts';
import { BINLOG_FORM, type LogColumn, type LogLayout } from '../rows/layout.ts';
import { valueTypeOf } from '../types.ts';
import type { Flavor } from '../url.ts';
import { charsetOfCollation } from './collations.ts';
import type { Meaning, Meanings } from './ambiguity.ts';
import { CHARACTER_TYPES, ColumnType, OLD_TEMPORAL_BYTES } from './column-types.ts';
import type { MappedColumn, TableMap } from './table-map.ts';

export interface ContentOptions {
  readonly flavor: Flavor;
  /** Zone in which TIMESTAMP is written. */
  readonly zone: string;
  /** Where the description stands, for errors. */
  readonly place: string;
}

/** A version of a table, and the layout of its images that have all columns. */
export interface LoggedTable {
  readonly content: TableContent;
  readonly form: RowForm;
}

/**
 * A version of a table, from what the log says of it.
 * @param meanings by name of the columns that the log leaves open
 * @throws MillraceError `BINLOG_METADATA_MISSING`, `SCHEMA_UNKNOWN`
 */
export function loggedTableOf(map: TableMap, meanings: Meanings, options: ContentOptions): LoggedTable {
  const { database, table, optional } = map;
  const { names } = optional;
  if (names === null) throw metadataMissing(`${database}.${table}`, options.place);
  const columns = map.columns.map((column, index) => logColumnOf(map, column, index, meanings.get(names[index]!) ?? null, options));
  const layout: LogLayout = { isPartial: false, columns, zone: options.zone };
  const content: TableContent = {
    database,
    schema: database,
    table,
    columns: columns.map((column, index) => columnSchemaOf(map, column, index, options.place)),
    keyColumns: optional.primaryKey,
    primaryKey: optional.primaryKey,
    valueForm: 'declared',
    replicaIdentity: 'full',
  };
  return { content, form: { name: BINLOG_FORM, layout } };
}

function logColumnOf(map: TableMap, column: MappedColumn, index: number, meaning: Meaning | null, options: ContentOptions): LogColumn {
  const { type } = column;
  const { unsigned, collations, labels } = map.optional;
  const hasCharset = CHARACTER_TYPES.has(type) || type === ColumnType.enum || type === ColumnType.set;
  const collation = collations.get(index);
  const charset = hasCharset && collation !== undefined ? charsetOfCollation(collation, options.flavor) : null;
  if (hasCharset && charset === null) throw collationUnknown(map, index, collation, options.place);
  const texts = labels.get(index)?.map((label) => decodeText(label, charset!) ?? labelUnknown(map, index, options.place)) ?? null;
  const common = { type, isUnsigned: unsigned.has(index), charset, labels: texts };
  if (typeof meaning !== 'number') return { ...common, metadata: column.metadata, meaning };
  return { ...common, metadata: type in OLD_TEMPORAL_BYTES ? meaning : column.metadata, meaning: null };
}

function columnSchemaOf(map: TableMap, column: LogColumn, index: number, place: string): ColumnSchema {
  const name = map.optional.names![index]!;
  const type = valueTypeOf(column);
  if (type === null) {
    const table = `${map.database}.${map.table}`;
    const message = `Column ${name} of ${table} has the type code ${column.type} in the log at ${place}, which is not known.`;
    throw new MillraceError('SCHEMA_UNKNOWN', message, { table, column: name, type: column.type, place });
  }
  return {
    name,
    kind: type.kind,
    sourceType: type.sourceType,
    nullable: map.columns[index]!.nullable,
    keyPosition: map.optional.primaryKey.indexOf(index),
    length: type.length,
    element: null,
  };
}

function metadataMissing(table: string, place: string): MillraceError {
  const message =
    `The log has rows of ${table} at ${place} without the names of its columns: the server wrote them without binlog_row_metadata=FULL. ` +
    'Run `SET GLOBAL binlog_row_metadata = FULL`, set it in the configuration of the server too, and start behind these rows.';
  return new MillraceError('BINLOG_METADATA_MISSING', message, { table, place });
}

function collationUnknown(map: TableMap, index: number, collation: number | undefined, place: string): MillraceError {
  const table = `${map.database}.${map.table}`;
  const column = map.optional.names![index]!;
  const what = collation === undefined ? 'no collation' : `the collation ${collation}, which is none of the server's own`;
  const message = `Column ${column} of ${table} has ${what} in the log at ${place}, so its text cannot be read.`;
  return new MillraceError('SCHEMA_UNKNOWN', message, { table, column, collation: collation ?? null, place });
}

function labelUnknown(map: TableMap, index: number, place: string): never {
  const table = `${map.database}.${map.table}`;
  const column = map.optional.names![index]!;
  const message = `A label of column ${column} of ${table} in the log at ${place} is no text of the column's character set.`;
  throw new MillraceError('SCHEMA_UNKNOWN', message, { table, column, place });
}
