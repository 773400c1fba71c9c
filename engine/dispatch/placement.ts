import { ByteView } from '../base/byte-view.ts';
import { MillraceError } from '../base/errors.ts';
import { writeInt64 } from '../change/json/uint64.ts';
import { Template } from '../change/json/template.ts';
import type { TableSchema } from '../change/table-schema.ts';
import type { RowPlace } from './row-place.ts';
import { HashKind, hashPartition, positionPartition, turnPartition, type PartitionHash } from './partition.ts';

/** What decides about a row's partition when the first choice has nothing to go by. */
export type Fallback = 'table' | 'database' | 'primary_key' | 'transaction_id' | 'thread_id' | 'random' | 'round_robin';
export type PartitionBy = Fallback | 'key' | 'column';

/** How rows are spread over the partitions of a topic. */
export interface PlacementRule {
  readonly by: PartitionBy;
  /** For `column`: their names, in the order in which their values are joined. */
  readonly columns: readonly string[];
  readonly fallback: Fallback;
  readonly hash: PartitionHash;
}

/** What is left of a rule once the table is known. */
const Way = {
  /** Hash of the message key. */
  key: 0,
  /** Hash of the joined values of some columns. */
  values: 1,
  /** The same for all rows of the table. */
  fixed: 2,
  /** Hash of the xid's digits. */
  transaction: 3,
  position: 4,
  turn: 5,
  /** Hash of the thread id's digits. */
  thread: 6,
} as const;
type Way = (typeof Way)[keyof typeof Way];

/** What is hashed for the xid of a row that has none: of a snapshot, or of a transaction without one. */
const NULL_TEXT = Buffer.from('null');

/** Longest joined values in bytes; a row with longer ones is a named error. */
const TEXT_BYTES_MAX = 64 * 1024;
const TEXT = new ByteView(new Uint8Array(TEXT_BYTES_MAX));
const DIGITS = new ByteView(new Uint8Array(32));

/** Gives the rows of one version of a table their partitions. */
export class Placement {
  private readonly way: Way;
  private readonly table: string;
  private readonly hash: HashKind;
  private readonly partitions: number;
  private readonly values: Template | null;
  private readonly fixed: number;
  /** For rows without any of the values. */
  private readonly otherwise: Placement | null;
  /** The last number whose digits were hashed, and what came of it. */
  private high = 0;
  private low = 0;
  private ofNumber: number;

  constructor(way: Way, hash: HashKind, partitions: number, schema: TableSchema, parts: WayParts = {}) {
    this.way = way;
    this.table = `${schema.schema}.${schema.table}`;
    this.hash = hash;
    this.partitions = partitions;
    this.values = parts.columns === undefined ? null : new Template(schema, parts.columns, [], 'null');
    const text = Buffer.from(parts.text ?? '');
    this.fixed = hashPartition(hash, text, 0, text.length, partitions);
    this.otherwise = parts.otherwise ?? null;
    this.ofNumber = way === Way.thread ? this.hashNumber(0, 0) : hashPartition(hash, NULL_TEXT, 0, NULL_TEXT.length, partitions);
  }

  /**
   * The partition of the row with the key `key[0, keyLength)` and the image `input[start, end)` (of a delete: the old one); as in
   * `KeyWriter.write`, `input[oldStart, oldEnd)` is the old image. `place` says what transaction it is of.
   * @throws MillraceError PARTITION_VALUES_TOO_LARGE; ROW_IMAGE_INVALID, VALUE_INVALID
   */
  of(
    key: ByteView,
    keyLength: number,
    input: ByteView,
    start: number,
    end: number,
    oldStart: number,
    oldEnd: number,
    lsnHigh: number,
    lsnLow: number,
    place: Pick<RowPlace, 'xidHigh' | 'xid' | 'xoffset' | 'threadId'>,
  ): number {
    switch (this.way) {
      case Way.key:
        return hashPartition(this.hash, key.bytes, 0, keyLength, this.partitions);
      case Way.values: {
        const length = this.join(input, start, end, oldStart, oldEnd);
        if (length > 0 || this.otherwise === null) return hashPartition(this.hash, TEXT.bytes, 0, length, this.partitions);
        return this.otherwise.of(key, keyLength, input, start, end, oldStart, oldEnd, lsnHigh, lsnLow, place);
      }
      case Way.fixed:
        return this.fixed;
      case Way.transaction:
        return this.ofDigits(place.xidHigh, place.xid);
      case Way.thread:
        return this.ofDigits(0, place.threadId);
      case Way.position:
        return positionPartition(lsnHigh, lsnLow, place.xoffset, this.partitions);
      default:
        return turnPartition(place.xid, place.xoffset, this.partitions);
    }
  }

  /** Joins the values in TEXT, without anything between them; returns their length. */
  private join(input: ByteView, start: number, end: number, oldStart: number, oldEnd: number): number {
    const values = this.values!;
    if (values.locate(input, start, end, oldStart, oldEnd) > TEXT_BYTES_MAX) {
      const size = values.bound(input);
      if (size > TEXT_BYTES_MAX) failTooLarge(this.table, size);
    }
    return values.writeTexts(input, TEXT, 0);
  }

  /** By the digits of a number, which rows of one transaction share. */
  private ofDigits(high: number, low: number): number {
    if (high !== this.high || low !== this.low) {
      this.high = high;
      this.low = low;
      this.ofNumber = this.hashNumber(high, low);
    }
    return this.ofNumber;
  }

  private hashNumber(high: number, low: number): number {
    const isNone = this.way === Way.transaction && high === 0 && low === 0;
    const length = isNone ? NULL_TEXT.copy(DIGITS.bytes) : writeInt64(high, low, DIGITS, 0);
    return hashPartition(this.hash, DIGITS.bytes, 0, length, this.partitions);
  }
}

interface WayParts {
  readonly columns?: readonly number[];
  readonly text?: string;
  readonly otherwise?: Placement;
}

/** Compiles a rule for one version of a table; `name` is what messages call it. */
export function compilePlacement(rule: PlacementRule, schema: TableSchema, name: string, partitions: number): Placement {
  const hash = HashKind[rule.hash];
  const fallback = compileFallback(rule.fallback, hash, schema, name, partitions);
  switch (rule.by) {
    case 'key':
      return schema.keyColumns.length === 0 ? fallback : new Placement(Way.key, hash, partitions, schema);
    case 'column': {
      const columns = columnsOf(rule, schema);
      return columns.length === 0 ? fallback : new Placement(Way.values, hash, partitions, schema, { columns, otherwise: fallback });
    }
    case 'primary_key':
      return schema.keyColumns.length === 0 ? fallback : compileFallback('primary_key', hash, schema, name, partitions);
    default:
      return compileFallback(rule.by, hash, schema, name, partitions);
  }
}

function compileFallback(by: Fallback, hash: HashKind, schema: TableSchema, name: string, partitions: number): Placement {
  const place = (way: Way, parts?: WayParts) => new Placement(way, hash, partitions, schema, parts);
  switch (by) {
    case 'table':
      return place(Way.fixed, { text: name });
    case 'database':
      return place(Way.fixed, { text: schema.database });
    case 'thread_id':
      return place(Way.thread);
    case 'transaction_id':
      return place(Way.transaction);
    case 'random':
      return place(Way.position);
    case 'round_robin':
      return place(Way.turn);
    case 'primary_key':
      // What Maxwell does for a table without one.
      if (schema.keyColumns.length === 0) return place(Way.fixed, { text: schema.database + name });
      return place(Way.values, { columns: schema.keyColumns });
  }
}

/** Columns that a rule looks at in rows of a table. */
export function placementColumns(rule: PlacementRule, schema: TableSchema): number[] {
  return rule.by === 'column' ? columnsOf(rule, schema) : [];
}

/** Indexes of those of the rule's columns that the table has, in the rule's order. */
function columnsOf(rule: PlacementRule, schema: TableSchema): number[] {
  return rule.columns.map((name) => schema.columns.findIndex((column) => column.name === name)).filter((index) => index >= 0);
}

/** What to tell of a table whose rows `column` cannot keep together by key; null when there is nothing to tell. */
export function placementWarning(rule: PlacementRule, schema: TableSchema): string | null {
  if (rule.by !== 'column') return null;
  const table = `${schema.schema}.${schema.table}`;
  const columns = columnsOf(rule, schema);
  if (columns.length === 0) return `${table} has none of the partition columns (${rule.columns.join(', ')}): ${rule.fallback} decides`;
  const outside = columns.filter((column) => !schema.keyColumns.includes(column));
  if (outside.length === 0 || schema.keyColumns.length === 0) return null;
  const names = outside.map((column) => schema.columns[column]!.name).join(', ');
  return (
    `${table} is partitioned by ${names}, which its key does not hold: changes of one key can lie in several partitions, ` +
    'without an order between them'
  );
}

function failTooLarge(table: string, size: number): never {
  throw new MillraceError(
    'PARTITION_VALUES_TOO_LARGE',
    `the partition columns of a row of ${table} take up to ${size} bytes; at most ${TEXT_BYTES_MAX} are possible. ` +
      'Take other columns for MILLRACE_PARTITION_COLUMNS',
    { table, size, limit: TEXT_BYTES_MAX },
  );
}
