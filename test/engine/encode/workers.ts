import type { DeadLetterRoute } from '../../../engine/change/dead-letter.ts';
import type { TableSchema } from '../../../engine/change/table-schema.ts';
import { type EncoderPool, type EncoderPoolOptions, startEncoders } from '../../../engine/encode/pool.ts';
import { DeliveryTable } from '../../../engine/produce/delivery.ts';
import {
  RECORD_KIND,
  RECORD_LENGTH,
  RecordKind,
  Row,
  SCHEMA_HEADER_BYTES,
  SCHEMA_TEXT_LENGTH,
  SIDE_RECORD_BYTES,
  alignRecord,
} from '../../../engine/ring/layout.ts';
import type { RingWriter } from '../../../engine/ring/writer.ts';
import { MockCluster, type ProducerHandle, addTopic, close, createProducer } from '../../../native-bridge/index.ts';
import { acknowledgeFirst } from '../../support/first-messages.ts';
import { MAXWELL as DEFAULTS } from '../../support/formats.ts';
import { type TestRow, rowRecord, tableSchema } from '../../support/rows.ts';

export const MAXWELL = { ...DEFAULTS, primaryKey: false };

/** A table whose rows are a number and a text. */
export function numberedTable(id: number): TableSchema {
  return tableSchema(
    [
      { name: 'id', kind: 'int' },
      { name: 'text', kind: 'text' },
    ],
    ['id'],
    { id, tableId: id, table: `t${id}` },
  );
}

/** Where a row's message goes; a target is its partition's place in the delivery table. */
export interface Destination {
  readonly topic: number;
  readonly partition: number;
  readonly target: number;
  readonly rowInEpoch?: number;
  readonly sizeLimit?: number;
}

/** Copies a record into a ring, by the side area where it is large; false when there is no room. */
function putRecord(writer: RingWriter, record: Uint8Array): boolean {
  const large = record.length > writer.recordBytesMax;
  const offset = large ? writer.reserveSide(record.length) : writer.reserve(record.length);
  if (offset < 0) return false;
  (large ? writer.sideData : writer.data).bytes.set(record, offset);
  writer.end(large ? SIDE_RECORD_BYTES : record.length);
  return true;
}

function rowBytes(row: TestRow, to: Destination): Uint8Array {
  const { bytes, words } = rowRecord(row);
  words[Row.topic >> 2] = to.topic;
  words[Row.partition >> 2] = to.partition;
  words[Row.target >> 2] = to.target;
  words[Row.rowInEpoch >> 2] = to.rowInEpoch ?? 0;
  words[Row.sizeLimit >> 2] = to.sizeLimit ?? 0;
  return bytes;
}

function schemaBytes(schema: TableSchema, deadLetters: DeadLetterRoute | null): Uint8Array {
  const text = Buffer.from(JSON.stringify({ schema, tableName: schema.table, deadLetters }));
  const length = alignRecord(SCHEMA_HEADER_BYTES + text.length);
  const words = new Int32Array(length / 4);
  words[RECORD_LENGTH >> 2] = length;
  words[RECORD_KIND >> 2] = RecordKind.schema;
  words[SCHEMA_TEXT_LENGTH >> 2] = text.length;
  const bytes = new Uint8Array(words.buffer);
  bytes.set(text, SCHEMA_HEADER_BYTES);
  return bytes;
}

/** Writes a row, unpublished; false when there is no room. */
export function putRow(writer: RingWriter, row: TestRow, to: Destination): boolean {
  return putRecord(writer, rowBytes(row, to));
}

/** Writes a row, unpublished, waiting for room as the capture does. */
export async function writeRow(writer: RingWriter, row: TestRow, to: Destination): Promise<void> {
  await writeRecord(writer, rowBytes(row, to));
}

/** Writes a table's schema as the capture does, before the table's first row. */
export async function writeSchema(writer: RingWriter, schema: TableSchema, deadLetters: DeadLetterRoute | null = null): Promise<void> {
  await writeRecord(writer, schemaBytes(schema, deadLetters));
}

async function writeRecord(writer: RingWriter, record: Uint8Array): Promise<void> {
  while (!putRecord(writer, record)) {
    writer.publishTo(writer.position);
    await writer.waitForRoom(record.length);
  }
}

export function publish(writer: RingWriter): void {
  writer.publishTo(writer.position);
}

/**
 * Two mock brokers with topics led by the first, a producer for them whose partitions stand as if each had acknowledged its first message,
 * and the pool of encoders before them.
 */
export interface Works {
  readonly cluster: MockCluster;
  readonly producer: ProducerHandle;
  readonly delivery: DeliveryTable;
  readonly pool: EncoderPool;
}

export interface WorksOptions {
  /** Topics `topic0`, `topic1` ... with so many partitions each; targets number them all. */
  readonly partitions: readonly number[];
  readonly workers: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly maxMessageBytes?: number;
  readonly pool?: Partial<EncoderPoolOptions>;
}

/** Runs `work` with everything in place and takes it all down again, whatever happens. */
export async function withWorks(options: WorksOptions, work: (works: Works) => Promise<void>): Promise<void> {
  const cluster = new MockCluster(2);
  const delivery = new DeliveryTable();
  const producer = createProducer({
    config: { 'bootstrap.servers': cluster.bootstrapServers, 'enable.idempotence': 'true', 'linger.ms': '1', ...options.config },
    delivery: delivery.words,
  });
  let base = 0;
  options.partitions.forEach((count, i) => {
    cluster.createTopic(`topic${i}`, count, 1);
    for (let partition = 0; partition < count; partition++) cluster.setLeader(`topic${i}`, partition, 1);
    addTopic(producer, `topic${i}`, count, base, options.maxMessageBytes ?? 1_000_000);
    base += count;
  });
  acknowledgeFirst(delivery.words, base);
  const pool = startEncoders({
    workers: options.workers,
    ringBytes: 65_536,
    largeBytes: 4_000_000,
    batch: { slabBytes: 65_536, messages: 256 },
    encoder: MAXWELL,
    producer,
    delivery: delivery.words,
    ...options.pool,
  });
  try {
    await work({ cluster, producer, delivery, pool });
  } finally {
    await pool.terminate();
    await close(producer, 0);
    cluster.close();
  }
}
