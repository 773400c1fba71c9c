import type { DeadLetterRoute } from '../change/dead-letter.ts';
import { type RowDecoder, type RowDecoders, rowDecoderOf } from '../change/row-form.ts';
import type { RoutedSchema } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { compileKeyChange, type KeyChange, type KeyChangeStyle } from './key-change.ts';
import { compileKey, markKey, type KeyFormat, type KeyWriter } from './key.ts';
import { compilePlacement, placementColumns, type Placement, type PlacementRule } from './placement.ts';

/** A topic as the dispatcher knows it: its partition count is frozen at start and changes only at a fence. */
export interface DispatchTopic {
  readonly name: string;
  /** Index in the producer handle. */
  readonly index: number;
  readonly partitions: number;
  /** Target of partition 0: targets number all topic-partitions of the handle. */
  readonly targetBase: number;
  /** Largest key plus value in bytes that the broker takes, framing left out. */
  readonly maxMessageBytes: number;
}

/** What is the same for all tables of a changefeed. */
export interface PlanRules {
  readonly keyFormat: KeyFormat;
  readonly placement: PlacementRule;
  readonly keyChange: KeyChangeStyle;
  readonly decoders: RowDecoders;
  /** How many rings there are. */
  readonly workers: number;
}

/** Where rows go. */
export interface Destination {
  readonly topic: DispatchTopic;
  readonly placement: Placement;
}

/** All that is decided once for a version of a table, so that a row needs no decision. */
export interface TablePlan {
  readonly schema: TableSchema;
  readonly tableName: string;
  /** By `Operation`; most often the same for all. */
  readonly destinations: readonly Destination[];
  /** Gives what the rest of the plan looks at; null where images are canonical, or nobody looks. */
  readonly decoder: RowDecoder | null;
  /** Null for a table without any key, whose rows have null keys. */
  readonly key: KeyWriter | null;
  /** The key of messages about the table itself. */
  readonly markKey: Uint8Array;
  /** Null where an update of the key stays one row. */
  readonly keyChange: KeyChange | null;
  /** Bit `w` is set once worker `w` has this schema in its ring. */
  readonly announced: Uint8Array;
  /** The schema record's bytes, written before the first row that uses it. */
  readonly record: Uint8Array;
  /** Null where a row that cannot be sent stops the changefeed. */
  readonly deadLetters: DeadLetterRoute | null;
}

/** Compiles the plan of one version of a table, which messages call `name`; `topics` by `Operation`. */
export function compilePlan(
  schema: TableSchema,
  name: string,
  topics: readonly DispatchTopic[],
  rules: PlanRules,
  deadLetters: DeadLetterRoute | null = null,
): TablePlan {
  const record: RoutedSchema = { schema, tableName: name, deadLetters };
  return {
    schema,
    tableName: name,
    destinations: topics.map((topic) => ({ topic, placement: compilePlacement(rules.placement, schema, name, topic.partitions) })),
    decoder: compileDecoder(schema, rules),
    key: compileKey(schema, rules.keyFormat, name),
    markKey: markKey(rules.keyFormat, schema.database, name),
    keyChange: compileKeyChange(rules.keyChange, schema),
    announced: new Uint8Array(rules.workers),
    record: Buffer.from(JSON.stringify(record)),
    deadLetters,
  };
}

function compileDecoder(schema: TableSchema, { decoders, placement }: PlanRules): RowDecoder | null {
  const columns = new Set([...schema.keyColumns, ...placementColumns(placement, schema)]);
  return columns.size === 0 ? null : rowDecoderOf(decoders, schema, [...columns]);
}
