import { MillraceError } from '../base/errors.ts';

/** What the keys of messages depend on in the topic that they go to. */
export interface KeyedTopic {
  readonly name: string;
  /** `cleanup.policy` holds `compact`: of each key the broker keeps the latest message alone, and it takes no null key. */
  readonly compacted: boolean;
}

/** A table whose rows go to some topics. */
export interface TopicTable {
  readonly schema: string;
  readonly table: string;
  /** It has a primary key or a replica identity index, so that its messages have a key. */
  readonly isKeyed: boolean;
}

export interface RoutedTable extends TopicTable {
  readonly topics: readonly KeyedTopic[];
}

/** Whether a message shows the table of its row, by its key and by its value. */
export interface TableNaming {
  readonly inKey: boolean;
  readonly inValue: boolean;
}

/** Tables that a message names at most. */
const NAMED_MAX = 5;

/**
 * Holds tables against the topics that they go to, each as `judgeTopicKeys` does.
 * @returns what to tell
 * @throws MillraceError TOPIC_COMPACTED
 */
export function judgeRoutes(tables: readonly RoutedTable[], naming: TableNaming): string[] {
  const byTopic = new Map<string, { topic: KeyedTopic; tables: TopicTable[] }>();
  for (const table of tables) {
    for (const topic of new Set(table.topics)) {
      const entry = byTopic.get(topic.name);
      if (entry === undefined) byTopic.set(topic.name, { topic, tables: [table] });
      else entry.tables.push(table);
    }
  }
  return [...byTopic.values()].map((entry) => judgeTopicKeys(entry.topic, entry.tables, naming)).filter((warning) => warning !== null);
}

/**
 * Holds the tables of a topic against what compaction does with their keys: with `MILLRACE_KEY_FORMAT=primary_key` the key of a message
 * does not name its table, so keys of several tables meet.
 * @returns what to tell of tables whose keys meet in a topic that is not compacted; null when there is nothing to tell
 * @throws MillraceError TOPIC_COMPACTED when compaction would delete rows of one table for those of another, or refuse them
 */
export function judgeTopicKeys(topic: KeyedTopic, tables: readonly TopicTable[], naming: TableNaming): string | null {
  for (const table of tables) if (!table.isKeyed) assertKeyAllowed(topic, table);
  if (tables.length < 2) return null;
  if (topic.compacted && !naming.inKey) {
    throw new MillraceError(
      'TOPIC_COMPACTED',
      `topic ${topic.name} is compacted, and ${tables.length} tables would share it (${nameTables(tables)}): the key of a message does not name its ` +
        `table, so the broker would delete rows of one for those of another with the same key. Set MILLRACE_KEY_FORMAT=table_primary_key, give each table a topic of its own (MILLRACE_TOPIC with %{table}), ` +
        `or run: kafka-configs.sh --bootstrap-server <broker> --alter --topic ${topic.name} --add-config cleanup.policy=delete`,
      { topic: topic.name, tables: tables.length },
    );
  }
  if (naming.inKey && naming.inValue) return null;
  return `${tables.length} tables share topic ${topic.name} (${nameTables(tables)}) and ${consequence(naming)}`;
}

function consequence({ inKey, inValue }: TableNaming): string {
  if (inValue) {
    return (
      'the key of a message does not name its table: consumers must tell rows apart by table and key, and the topic must never be ' +
      'compacted'
    );
  }
  if (inKey) return 'only the key of a message names its table: consumers must read it, and rows without a key show their table nowhere';
  return (
    'nothing in a message names its table: consumers cannot tell whose row it is. Give each table a topic of its own (MILLRACE_TOPIC ' +
    'with %{table}), or set MILLRACE_KEY_FORMAT=table_primary_key'
  );
}

/**
 * Refuses a table without a key in a compacted topic, whose broker would refuse each of its messages.
 * @throws MillraceError TOPIC_COMPACTED
 */
function assertKeyAllowed(topic: KeyedTopic, { schema, table }: Pick<TopicTable, 'schema' | 'table'>): void {
  if (!topic.compacted) return;
  throw new MillraceError(
    'TOPIC_COMPACTED',
    `topic ${topic.name} is compacted and takes no message without a key, and ${schema}.${table} has neither a primary key nor a replica identity ` +
      'index. Give it one, take the table out of MILLRACE_TABLES, or use a topic with cleanup.policy=delete',
    { topic: topic.name, table: `${schema}.${table}` },
  );
}

function nameTables(tables: readonly TopicTable[]): string {
  const names = tables.slice(0, NAMED_MAX).map(({ schema, table }) => `${schema}.${table}`);
  const others = tables.length - names.length;
  return others > 0 ? `${names.join(', ')} and ${others} more` : names.join(', ');
}
