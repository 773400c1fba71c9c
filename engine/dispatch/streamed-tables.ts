import type { TableSchema } from '../change/table-schema.ts';
import { assertDistinctNames, type NamedTable, type SchemaNameStyle } from './naming.ts';
import { judgeRoutes, type KeyedTopic, type RoutedTable, type TableNaming } from './topic-keys.ts';

/**
 * The tables whose rows are sent in this run, and where. The start judges those that are there then; a table that comes later, by a
 * rename or by a publication FOR ALL TABLES, is judged here before its first row.
 */
export class StreamedTables {
  private readonly style: SchemaNameStyle;
  private readonly naming: TableNaming;
  private readonly byId = new Map<number, RoutedTable & NamedTable>();

  constructor(style: SchemaNameStyle, naming: TableNaming) {
    this.style = style;
    this.naming = naming;
  }

  /**
   * A table's first version, or another one.
   * @throws MillraceError TABLE_NAMES_CLASH, TOPIC_COMPACTED
   */
  add({ tableId, database, schema, table, keyColumns }: TableSchema, topics: readonly KeyedTopic[]): void {
    this.byId.set(tableId, { database, schema, table, isKeyed: keyColumns.length > 0, topics });
    // A table that was dropped and made again under its name is one table to those who read the topic.
    const tables = [
      ...new Map(
        [...this.byId.values()].map((streamed) => [JSON.stringify([streamed.database, streamed.schema, streamed.table]), streamed]),
      ).values(),
    ];
    assertDistinctNames(this.style, tables);
    judgeRoutes(tables, this.naming);
  }

  /** For errors. */
  nameOf(tableId: number): string {
    const found = this.byId.get(tableId);
    return found === undefined ? `table ${tableId}` : `${found.schema}.${found.table}`;
  }
}
