import { MillraceError } from '../../../engine/base/errors.ts';
import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import { ColumnKind } from '../../../engine/change/column-kind.ts';
import { OldImage, Operation } from '../../../engine/change/operation.ts';
import type { RowDecoders } from '../../../engine/change/row-form.ts';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import { EpochTracker } from '../../../engine/checkpoint/epochs.ts';
import { Dispatcher } from '../../../engine/dispatch/dispatcher.ts';
import type { RowEpoch } from '../../../engine/dispatch/options.ts';
import type { KeyChangeStyle } from '../../../engine/dispatch/key-change.ts';
import { compilePlan, type TablePlan } from '../../../engine/dispatch/plan.ts';
import { allocateRing, NO_KEY, RecordKind, Row, RowFlag, ROW_HEADER_BYTES } from '../../../engine/ring/layout.ts';
import { RingReader } from '../../../engine/ring/reader.ts';
import { SideArea } from '../../../engine/ring/side.ts';
import { RingWriter } from '../../../engine/ring/writer.ts';

export const PARTITIONS = 7;
const RULES = { keyFormat: 'primary_key', placement: { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' } } as const;

export function schema(id: number, columns: readonly string[], key: readonly number[]): TableSchema {
  return {
    id,
    tableId: id,
    database: 'shop',
    schema: 'public',
    table: `table_${id}`,
    version: id,
    columns: columns.map((name, i) => ({
      name,
      kind: ColumnKind.text,
      sourceType: 'text',
      nullable: true,
      keyPosition: key.indexOf(i),
      length: -1,
      element: null,
    })),
    keyColumns: key,
    primaryKey: key,
    form: null,
    logName: null,
    valueForm: 'output',
    replicaIdentity: 'default',
  };
}

/** Where dead letters go: a topic behind the one of rows. */
export function letterRoute(partitions: number): DeadLetterRoute {
  return { changefeed: 'shop', form: 'row', index: 1, partitions, targetBase: PARTITIONS, bytesMax: 100_000, topics: ['t', 't', 't'] };
}

/** A row image of text columns, as pgoutput writes it. */
function image(values: readonly string[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from([values.length >> 8, values.length & 0xff])];
  for (const value of values) {
    const head = Buffer.alloc(5);
    head[0] = 0x74;
    head.writeUInt32BE(Buffer.byteLength(value), 1);
    parts.push(head, Buffer.from(value));
  }
  return Buffer.concat(parts);
}

/** A record as a worker sees it. */
export interface Seen {
  readonly ring: number;
  readonly kind: number;
  /** `Operation`, -1 for what is no row. */
  readonly operation: number;
  readonly key: string | null;
  readonly text: string;
  readonly topic: number;
  readonly partition: number;
  readonly commit: boolean;
  readonly xoffset: number;
  readonly epoch: number;
  readonly row: number;
  readonly snapshot: boolean;
  readonly commitMicros: bigint;
}

/** A dispatcher over rings that the test reads as the workers would. */
export class Bench {
  readonly side = new SideArea(1 << 20);
  readonly writers: RingWriter[];
  readonly readers: RingReader[];
  readonly epochs: EpochTracker;
  readonly dispatcher: Dispatcher;
  readonly errors: unknown[] = [];
  /** Plans other than the plain one, by table. */
  readonly plans = new Map<string, TablePlan | Promise<TablePlan>>();
  readonly topic = { name: 't', index: 0, partitions: PARTITIONS, targetBase: 0, maxMessageBytes: 1_000_000 };
  private readonly keyChange: KeyChangeStyle;
  private readonly windowBytesMax: number;
  /** Of forms of rows. */
  decoders: RowDecoders = {};
  blocked = 0;
  /** Units that the dispatcher may enter, and those that it has ended. */
  readonly units = new Map<number, RowEpoch>();
  readonly ended: number[] = [];
  planned = 0;

  constructor(rings: number, ringBytes: number, epochRows = 1_000_000, keyChange: KeyChangeStyle = 'update', windowBytesMax = 1_000_000) {
    this.windowBytesMax = windowBytesMax;
    this.keyChange = keyChange;
    const memories = Array.from({ length: rings }, () => allocateRing(ringBytes, this.side.memory));
    this.writers = memories.map((memory) => new RingWriter(memory, this.side));
    this.readers = memories.map((memory) => new RingReader(memory));
    const words = new Int32Array(new SharedArrayBuffer(64 * 8));
    this.epochs = new EpochTracker({ words, base: 0, stride: 2, slots: 64, outstanding: 0, poisoned: 1 }, this.writers);
    this.dispatcher = new Dispatcher({
      rings: this.writers,
      epochs: this.epochs,
      units: {
        enter: (unit) => this.units.get(unit) ?? null,
        end: (unit) => this.ended.push(unit),
        microsHigh: 1,
        microsLow: 2,
      },
      planOf: (table) => this.plans.get(table.table) ?? (table.table === 'table_99' ? null : this.plan(table)),
      // One more, of another topic.
      targets: PARTITIONS + 1,
      keyBytesMax: 65_536,
      wantsOrigin: true,
      takesRefused: true,
      recordBytesMax: this.side.size,
      windowBytesMax: this.windowBytesMax,
      epochRows,
      epochMs: 1_000_000,
      now: () => 0,
      onBlocked: () => {
        this.blocked += 1;
      },
      onTruncate: () => {},
      onError: (error) => this.errors.push(error),
      onPlanned: () => {
        this.planned += 1;
      },
    });
  }

  plan(table: TableSchema, deadLetters: DeadLetterRoute | null = null): TablePlan {
    const rules = { ...RULES, keyChange: this.keyChange, decoders: this.decoders, workers: this.writers.length };
    return compilePlan(table, table.table, [this.topic, this.topic, this.topic], rules, deadLetters);
  }

  insert(table: number, values: readonly string[], lsnLow = 1): boolean {
    const bytes = image(values);
    return this.dispatcher.row(Operation.insert, table, 0, lsnLow, bytes, OldImage.none, 0, 0, 0, bytes.length);
  }

  /** An update; the old image is the key's alone or the whole row, by `oldImage`. */
  update(table: number, old: readonly string[], values: readonly string[], oldImage: OldImage = OldImage.full, lsnLow = 1): boolean {
    const oldBytes = old.length === 0 ? Buffer.alloc(0) : image(old);
    const bytes = Buffer.concat([oldBytes, image(values)]);
    const [start, end] = [oldBytes.length, bytes.length];
    return this.dispatcher.row(Operation.update, table, 0, lsnLow, bytes, oldImage, 0, start, start, end);
  }

  /** An insert, or another operation with a new image alone, that the source refuses. */
  refuse(
    table: number,
    values: readonly string[],
    error = new MillraceError('KEY_TOO_LARGE', 'long'),
    operation: Operation = Operation.insert,
  ): boolean {
    const bytes = image(values);
    const images = { bytes, oldImage: OldImage.none, oldStart: 0, oldEnd: 0, newStart: 0, newEnd: bytes.length };
    return this.dispatcher.refused({ ...images, error, operation, schemaId: table, lsnHigh: 0, lsnLow: 1, cutFrom: null });
  }

  delete(table: number, key: readonly string[]): boolean {
    const bytes = image(key);
    return this.dispatcher.row(Operation.delete, table, 0, 1, bytes, OldImage.key, 0, bytes.length, 0, 0);
  }

  /** Everything that the workers can see and have not taken. */
  read(): Seen[] {
    return this.readers.flatMap((reader, ring) => {
      const seen: Seen[] = [];
      reader.claim();
      while (reader.next()) seen.push(this.describe(reader, ring));
      reader.release(reader.position);
      return seen;
    });
  }

  private describe(reader: RingReader, ring: number): Seen {
    const at = (field: number) => reader.words[(reader.record + field) >> 2]!;
    if (reader.kind !== RecordKind.row) {
      const none = {
        operation: reader.kind === RecordKind.refused ? reader.bytes[reader.record + Row.operation]! : -1,
        key: null,
        text: '',
        topic: -1,
        partition: -1,
        commit: false,
        xoffset: -1,
        epoch: -1,
        row: -1,
        snapshot: false,
        commitMicros: 0n,
      };
      return { ring, kind: reader.kind, ...none };
    }
    const keyLength = at(Row.keyLength) >>> 0;
    const start = reader.record + ROW_HEADER_BYTES;
    const keyEnd = start + (keyLength === NO_KEY ? 0 : keyLength);
    return {
      ring,
      kind: reader.kind,
      operation: reader.bytes[reader.record + Row.operation]!,
      key: keyLength === NO_KEY ? null : Buffer.from(reader.bytes.subarray(start, keyEnd)).toString(),
      text: Buffer.from(reader.bytes.subarray(keyEnd, keyEnd + at(Row.oldLength) + at(Row.newLength))).toString('latin1'),
      topic: at(Row.topic),
      partition: at(Row.partition),
      commit: (reader.bytes[reader.record + Row.flags]! & RowFlag.commit) !== 0,
      xoffset: at(Row.xoffset),
      epoch: at(Row.epochAndTable) >>> 16,
      row: at(Row.rowInEpoch),
      snapshot: (reader.bytes[reader.record + Row.flags]! & RowFlag.snapshot) !== 0,
      commitMicros: (BigInt(at(Row.commitMicrosHigh)) << 32n) | BigInt(at(Row.commitMicrosLow) >>> 0),
    };
  }
}
