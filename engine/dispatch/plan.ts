import type { SchemaRecord } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { compileKeyChange, type KeyChange, type KeyChangeStyle } from './key-change.ts';
import { compileKey, type KeyWriter } from './key.ts';

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

/** All that is decided once for a version of a table, so that a row needs no decision. */
export interface TablePlan {
  readonly schema: TableSchema;
  readonly tableName: string;
  readonly topic: DispatchTopic;
  /** Null for a table without any key: null keys, partition by the row's position. */
  readonly key: KeyWriter | null;
  /** Null where an update of the key stays one row. */
  readonly keyChange: KeyChange | null;
  /** Bit `w` is set once worker `w` has this schema in its ring. */
  readonly announced: Uint8Array;
  /** The schema record's bytes, written before the first row that uses it. */
  readonly record: Uint8Array;
}

/** Compiles the plan of one version of a table; `workers` is how many rings there are. */
export function compilePlan(
  schema: TableSchema,
  name: string,
  topic: DispatchTopic,
  workers: number,
  keyChange: KeyChangeStyle = 'update',
): TablePlan {
  const record: SchemaRecord = { schema, tableName: name };
  return {
    schema,
    tableName: name,
    topic,
    key: compileKey(schema),
    keyChange: compileKeyChange(keyChange, schema),
    announced: new Uint8Array(workers),
    record: Buffer.from(JSON.stringify(record)),
  };
}
