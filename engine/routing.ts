import { MESSAGE_OVERHEAD_BYTES } from '../native-bridge/index.ts';
import type { DeadLetterRoute } from './change/dead-letter.ts';
import type { TableSchema } from './change/table-schema.ts';
import type { Config } from './control/config/config.ts';
import { namesTable } from './dispatch/key.ts';
import { assertDistinctNames, tableName } from './dispatch/naming.ts';
import { compilePlan, type PlanRules, type TablePlan } from './dispatch/plan.ts';
import { placementWarning } from './dispatch/placement.ts';
import { StreamedTables } from './dispatch/streamed-tables.ts';
import { judgeRoutes, type RoutedTable, type TableNaming } from './dispatch/topic-keys.ts';
import { topicNames, type NamedAfter } from './dispatch/topic-name.ts';
import type { Hooks } from './opening.ts';
import type { StreamedTable } from './source/source.ts';
import { ROW_DECODERS } from './row-decoders.ts';
import type { SinkTopic, SinkTopics } from './produce/sink-topics.ts';

/** Which topic each table goes to: what dispatch decides by name, and what the sink finds under that name. */
export class Routing {
  private readonly config: Config;
  private readonly topics: SinkTopics;
  private readonly hooks: Hooks;
  private readonly tables: StreamedTables;
  private readonly naming: TableNaming;
  private readonly rules: PlanRules;
  private readonly told = new Set<string>();
  private readonly letterBytesMax: number;

  /** @param letterBytesMax largest dead letter, whatever its topic takes */
  constructor(config: Config, topics: SinkTopics, letterBytesMax: number, hooks: Hooks) {
    const { keyFormat, placement } = config.kafka;
    this.config = config;
    this.topics = topics;
    this.letterBytesMax = letterBytesMax;
    this.hooks = hooks;
    this.naming = { inKey: namesTable(keyFormat), inValue: config.format.format === 'maxwell' };
    this.tables = new StreamedTables(config.schemaName, this.naming);
    this.rules = { keyFormat, placement, keyChange: config.keyChange, decoders: ROW_DECODERS, workers: config.workers };
  }

  /**
   * The tables of the start: opens their topics and holds them against each other, before anything is created for them in the database.
   * @throws MillraceError TABLE_NAMES_CLASH, TOPIC_NAME_INVALID, TOPIC_COMPACTED, and what `SinkTopics.open` throws
   */
  async accept(tables: readonly StreamedTable[]): Promise<void> {
    assertDistinctNames(this.config.schemaName, tables);
    const routed: RoutedTable[] = [];
    for (const table of tables) {
      const topics: SinkTopic[] = [];
      for (const name of topicNames(this.config.kafka.topic, table)) topics.push(await this.topics.open(name));
      const letters = this.lettersOf(table);
      if (letters !== null) await this.topics.openDeadLetters(letters);
      routed.push({ ...table, topics });
    }
    for (const warning of judgeRoutes(routed, this.naming)) this.hooks.warn('TOPIC', warning);
  }

  /** The plan of a table's version: at once when its topics are open, which they are but for a table that appears during the run. */
  planOf(schema: TableSchema): TablePlan | Promise<TablePlan> {
    const names = topicNames(this.config.kafka.topic, schema);
    const letters = this.lettersOf(schema);
    const topics = names.map((name) => this.topics.find(name, false)).filter((topic) => topic !== null);
    const letterTopic = letters === null ? null : this.topics.find(letters, true);
    if (topics.length === names.length && (letters === null) === (letterTopic === null)) return this.compile(schema, topics, letterTopic);
    return this.openAndCompile(schema, names, letters);
  }

  private async openAndCompile(schema: TableSchema, names: readonly string[], letters: string | null): Promise<TablePlan> {
    const topics = await Promise.all(names.map((name) => this.topics.open(name)));
    return this.compile(schema, topics, letters === null ? null : await this.topics.openDeadLetters(letters));
  }

  /** The topic of a table's dead letters; null where there are none. */
  private lettersOf(table: NamedAfter): string | null {
    const { deadLetterTopic } = this.config.kafka;
    if (deadLetterTopic === null) return null;
    return topicNames(deadLetterTopic, table, 'MILLRACE_DEAD_LETTER_TOPIC')[0] ?? null;
  }

  /** For errors. */
  nameOf(tableId: number): string {
    return this.tables.nameOf(tableId);
  }

  private compile(schema: TableSchema, topics: readonly SinkTopic[], letters: SinkTopic | null): TablePlan {
    this.tables.add(schema, topics);
    const warning = placementWarning(this.rules.placement, schema);
    if (warning !== null && !this.told.has(warning)) {
      this.told.add(warning);
      this.hooks.warn('PARTITION', warning, { table: `${schema.schema}.${schema.table}` });
    }
    // A broker's limit is for a message with its framing, the encoders' for key and value: they name the row, where the producer could not.
    const limited = topics.map((topic) => ({ ...topic, maxMessageBytes: topic.maxMessageBytes - MESSAGE_OVERHEAD_BYTES }));
    const name = tableName(this.config.schemaName, schema.schema, schema.table);
    return compilePlan(schema, name, limited, this.rules, letters === null ? null : this.routeOf(topics, letters));
  }

  private routeOf(topics: readonly SinkTopic[], { index, partitions, targetBase, maxMessageBytes }: SinkTopic): DeadLetterRoute {
    const { changefeed, format } = this.config;
    return {
      changefeed,
      form: format.format === 'maxwell' ? 'maxwell' : 'row',
      index,
      partitions,
      targetBase,
      bytesMax: Math.min(maxMessageBytes, this.letterBytesMax) - MESSAGE_OVERHEAD_BYTES,
      topics: topics.map(({ name }) => name),
    };
  }
}
