import type { TableSchema } from './table-schema.ts';

/** What a schema record in a ring holds, as JSON: all that a worker needs before the first row of that version. */
export interface SchemaRecord {
  readonly schema: TableSchema;
  /** The name that the message's `table` field carries (ruled by the schema-name option). */
  readonly tableName: string;
}
