import { MillraceError } from '../base/errors.ts';

/** How a message's `table` names a table. */
export type SchemaNameStyle = 'auto' | 'bare' | 'qualified';

/** `orders` or `shop.orders`: `auto` writes the schema unless it is `public`. */
export function tableName(style: SchemaNameStyle, schema: string, table: string): string {
  if (style === 'bare' || (style === 'auto' && schema === 'public')) return table;
  return `${schema}.${table}`;
}

/** What tells a table from others, in the server and by `database` and `table` in messages. */
export interface NamedTable {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
}

/**
 * Refuses tables that messages could not tell apart.
 * @throws MillraceError TABLE_NAMES_CLASH naming both
 */
export function assertDistinctNames(style: SchemaNameStyle, tables: readonly NamedTable[]): void {
  const seen = new Map<string, string>();
  for (const { database, schema, table } of tables) {
    const name = tableName(style, schema, table);
    const inMessages = JSON.stringify([database, name]);
    const full = `${schema}.${table}`;
    const other = seen.get(inMessages);
    if (other !== undefined && other !== full) {
      throw new MillraceError(
        'TABLE_NAMES_CLASH',
        `${other} and ${full} would both be called ${name} in messages; set MILLRACE_SCHEMA_NAME=qualified, or leave one out of MILLRACE_TABLES`,
        { name, first: other, second: full },
      );
    }
    seen.set(inMessages, full);
  }
}
