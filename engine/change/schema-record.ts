import type { DeadLetterRoute } from './dead-letter.ts';
import type { TableSchema } from './table-schema.ts';

/** A version of a table as formats know it. */
export interface SchemaRecord {
  readonly schema: TableSchema;
  /** The name that the message's `table` field carries (ruled by the schema-name option). */
  readonly tableName: string;
}

/** What a schema record in a ring holds, as JSON: all that a worker needs before the first row of that version. */
export interface RoutedSchema extends SchemaRecord {
  /** Null where rows that cannot be sent stop the changefeed. */
  readonly deadLetters: DeadLetterRoute | null;
}
