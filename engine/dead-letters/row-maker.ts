import { assert } from '../base/assert.ts';
import type { LetterRow } from '../change/letter-row.ts';
import type { RoutedSchema } from '../change/schema-record.ts';
import type { TableSchema } from '../change/table-schema.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { KEY_BYTES_MAX } from '../dispatch/key.ts';
import type { DispatcherOptions, RowEpochs, RowUnits } from '../dispatch/options.ts';
import type { DispatchTopic, TablePlan } from '../dispatch/plan.ts';
import { ENCODE_FULL, NULL_VALUE, type Encoder } from '../encode/encoder.ts';
import { memoryLimit, tooLarge, topicLimit } from '../encode/too-large.ts';
import { allocateRing, NO_KEY, RecordKind, Row, ROW_HEADER_BYTES, SCHEMA_HEADER_BYTES, SCHEMA_TEXT_LENGTH } from '../ring/layout.ts';
import { RingReader } from '../ring/reader.ts';
import { SideArea } from '../ring/side.ts';
import { RingWriter } from '../ring/writer.ts';

/** A message that a row becomes. */
export interface RowMessage {
  readonly topic: DispatchTopic;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface RowMakerParts {
  /** The plan of a table, without dead letters. */
  readonly planOf: (schema: TableSchema) => TablePlan | Promise<TablePlan>;
  readonly encoder: Encoder;
  /** Largest row, and largest message. */
  readonly largeBytes: number;
  /** Bytes of headers that each message gets. */
  readonly headerBytes: number;
  /** Highest number of targets. */
  readonly targets: number;
}

const RING_BYTES = 65_536;

/**
 * Makes messages of rows that lie in dead letters, as a changefeed would make them now: the same dispatcher, the same ring, the same
 * encoder, one row at a time.
 */
export class RowMaker {
  private readonly parts: RowMakerParts;
  private readonly writer: RingWriter;
  private readonly reader: RingReader;
  private readonly dispatcher: Dispatcher;
  private readonly out: Uint8Array;
  private readonly plans = new Map<number, TablePlan>();
  /** By the schema as it lies in letters; numbers of their own, since those of other runs mean other tables. */
  private readonly schemas = new Map<string, TableSchema>();
  private readonly tables = new Map<string, number>();
  private readonly epoch = { slot: 0, rows: 0 };
  private readonly unit = { microsHigh: 0, microsLow: 0 };

  constructor(parts: RowMakerParts) {
    this.parts = parts;
    const side = new SideArea(parts.largeBytes);
    const ring = allocateRing(RING_BYTES, side.memory);
    this.writer = new RingWriter(ring, side);
    this.reader = new RingReader(ring);
    this.out = new Uint8Array(parts.largeBytes);
    this.dispatcher = new Dispatcher(this.dispatching(side.size));
  }

  /**
   * The messages of a row: most often one, two for an update of the key that becomes two.
   * @throws MillraceError of the rows' codes
   */
  async messagesOf(row: LetterRow, images: Uint8Array): Promise<RowMessage[]> {
    const schema = await this.schemaOf(row.schema);
    const [lsnHigh, lsnLow] = row.lsn;
    const { oldLength, operation, oldImage } = row;
    this.begin(row);
    const taken = this.dispatcher.row(operation, schema.id, lsnHigh, lsnLow, images, oldImage, 0, oldLength, oldLength, images.length);
    assert(taken, 'one row finds room in an empty ring');
    if (!row.isSnapshot) this.dispatcher.commit(lsnHigh, lsnLow);
    this.dispatcher.flush();
    return this.read(this.planOf(schema.id));
  }

  private planOf(schemaId: number): TablePlan {
    const plan = this.plans.get(schemaId);
    assert(plan !== undefined, 'a table has its plan before its rows');
    return plan;
  }

  private begin({ isSnapshot, hasXid, xidHigh, xid, commitMicros: [high, low] }: LetterRow): void {
    this.unit.microsHigh = high;
    this.unit.microsLow = low;
    if (isSnapshot) this.dispatcher.enterUnit(0);
    else if (hasXid) this.dispatcher.begin(xidHigh, xid, high, low);
    else this.dispatcher.beginWithoutXid(high, low);
  }

  private async schemaOf(stored: TableSchema): Promise<TableSchema> {
    const content = JSON.stringify(stored);
    const known = this.schemas.get(content);
    if (known !== undefined) return known;
    const name = JSON.stringify([stored.schema, stored.table]);
    const tableId = this.tables.get(name) ?? this.tables.size;
    this.tables.set(name, tableId);
    const schema = { ...stored, id: this.schemas.size, tableId };
    this.schemas.set(content, schema);
    this.plans.set(schema.id, await this.parts.planOf(schema));
    this.dispatcher.schema(schema);
    return schema;
  }

  private read(plan: TablePlan): RowMessage[] {
    const { reader } = this;
    const messages: RowMessage[] = [];
    reader.claim();
    try {
      while (reader.next()) {
        if (reader.kind === RecordKind.schema) this.describe();
        else messages.push(this.encode(plan));
      }
      return messages;
    } finally {
      // Whatever fails, the next row begins with an empty ring.
      reader.skipTo(reader.claimedEnd);
      reader.release(reader.position);
    }
  }

  private describe(): void {
    const { bytes, words, record } = this.reader;
    const start = record + SCHEMA_HEADER_BYTES;
    const text = Buffer.from(bytes.subarray(start, start + words[(record + SCHEMA_TEXT_LENGTH) >> 2]!)).toString('utf8');
    this.parts.encoder.schema(JSON.parse(text) as RoutedSchema);
  }

  private encode({ destinations, schema }: TablePlan): RowMessage {
    const { bytes, words, record } = this.reader;
    const word = (field: number) => words[(record + field) >> 2]!;
    const { topic } = destinations[bytes[record + Row.operation]!]!;
    const keyLength = word(Row.keyLength) === (NO_KEY | 0) ? -1 : word(Row.keyLength);
    const keyStart = record + ROW_HEADER_BYTES;
    const end = this.parts.encoder.encode(bytes, words, record, this.out, 0);
    const size = Math.max(0, keyLength) + (end === NULL_VALUE ? 0 : end);
    if (end === ENCODE_FULL) throw tooLarge(schema, bytes, words, record, -1, memoryLimit(this.out.length));
    const limit = topic.maxMessageBytes - this.parts.headerBytes;
    if (size > limit) throw tooLarge(schema, bytes, words, record, size, topicLimit(limit));
    return {
      topic,
      partition: word(Row.partition),
      key: keyLength < 0 ? null : Buffer.from(bytes.subarray(keyStart, keyStart + keyLength)),
      value: end === NULL_VALUE ? null : Buffer.from(this.out.subarray(0, end)),
    };
  }

  private dispatching(recordBytesMax: number): DispatcherOptions {
    const { epoch, unit } = this;
    const epochs: RowEpochs = Object.assign(epoch, {
      begin: () => undefined,
      commit: () => undefined,
      close: () => false,
      age: () => 0,
    });
    const units: RowUnits = Object.assign(unit, { enter: () => epoch, end: () => undefined });
    return {
      rings: [this.writer],
      epochs,
      units,
      planOf: ({ id }) => this.planOf(id),
      onError: (error) => assert(false, `no plan is waited for: ${String(error)}`),
      onPlanned: () => undefined,
      targets: this.parts.targets,
      keyBytesMax: KEY_BYTES_MAX,
      wantsOrigin: false,
      takesRefused: false,
      recordBytesMax,
      windowBytesMax: 0,
      epochRows: Number.MAX_SAFE_INTEGER,
      epochMs: Number.MAX_SAFE_INTEGER,
      now: () => 0,
      onBlocked: () => undefined,
      onTruncate: () => undefined,
    };
  }
}
