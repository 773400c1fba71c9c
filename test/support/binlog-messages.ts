import type { TableSchema } from '../../engine/change/table-schema.ts';
import { EpochTracker } from '../../engine/checkpoint/epochs.ts';
import { Dispatcher } from '../../engine/dispatch/dispatcher.ts';
import { compilePlan, type DispatchTopic, type PlanRules } from '../../engine/dispatch/plan.ts';
import { MessageBatch, type MessageProducer } from '../../engine/encode/batch.ts';
import { DeadLetters } from '../../engine/encode/dead-letters.ts';
import type { EncoderOptions } from '../../engine/encode/encoder.ts';
import { createEncoder } from '../../engine/encode/formats.ts';
import { allocateLarge, LargeSlab } from '../../engine/encode/large.ts';
import { LetterCounts } from '../../engine/encode/letter-counts.ts';
import { EncodeLoop } from '../../engine/encode/loop.ts';
import { PushClock } from '../../engine/encode/push-clock.ts';
import { allocateRing } from '../../engine/ring/layout.ts';
import { SideArea } from '../../engine/ring/side.ts';
import { RingWriter } from '../../engine/ring/writer.ts';
import { ROW_DECODERS } from '../../engine/row-decoders.ts';
import type { BinlogParserOptions } from '../../engine/source/mysql/binlog/parser.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { RowEncoder } from '../../native-bridge/row-encoder.ts';
import { BinlogReader } from './binlog-reader.ts';

/** All records of a log lie in the ring before the first is encoded: one thread is enough. */
const RING_BYTES = 64 * 1024 * 1024;
const LARGE_BYTES = 4 * 1024 * 1024;
const BATCH = { slabBytes: 256 * 1024, messages: 256 };

const TOPIC: DispatchTopic = { name: 't', index: 0, partitions: 1, targetBase: 0, maxMessageBytes: LARGE_BYTES };
const RULES: PlanRules = {
  keyFormat: 'primary_key',
  placement: { by: 'key', columns: [], fallback: 'random', hash: 'murmur2' },
  keyChange: 'update',
  decoders: ROW_DECODERS,
  workers: 1,
};

export interface BinlogMessagesOptions {
  /** Name of the log's file. */
  readonly file: string;
  readonly parser: Partial<BinlogParserOptions>;
  readonly format: EncoderOptions;
  /** Whether native code writes the usual rows, as in the product; else the encoder writes all. */
  readonly isNative: boolean;
}

/** The values of a log's messages in their order, and its tables as they were met: the engine's stages from the log's bytes to the message's. */
export function messagesOf(log: Uint8Array, options: BinlogMessagesOptions): { messages: string[]; tables: TableSchema[] } {
  const side = new SideArea(LARGE_BYTES);
  const ring = new RingWriter(allocateRing(RING_BYTES, side.memory), side);
  const tables: TableSchema[] = [];
  const dispatcher = dispatcherInto(ring, side.size, (table) => tables.push(table));
  new BinlogReader(dispatcher, options.parser, options.file).readFile(log);
  dispatcher.flush();
  ring.finish();
  return { messages: encodeAll(ring, options), tables };
}

function dispatcherInto(ring: RingWriter, recordBytesMax: number, onTable: (table: TableSchema) => void): Dispatcher {
  const table = {
    words: new Int32Array(LAYOUT.TABLE_WORDS),
    base: LAYOUT.EPOCHS,
    stride: LAYOUT.EPOCH_WORDS,
    slots: LAYOUT.EPOCH_SLOTS,
    outstanding: LAYOUT.EPOCH_OUTSTANDING,
    poisoned: LAYOUT.EPOCH_POISONED,
  };
  return new Dispatcher({
    rings: [ring],
    epochs: new EpochTracker(table, [ring]),
    units: null,
    planOf: (schema) => {
      onTable(schema);
      return compilePlan(schema, schema.table, [TOPIC, TOPIC, TOPIC], RULES);
    },
    targets: TOPIC.partitions,
    keyBytesMax: 65_536,
    wantsOrigin: true,
    takesRefused: false,
    recordBytesMax,
    windowBytesMax: 0,
    epochRows: Infinity,
    epochMs: Infinity,
    now: () => 0,
    onBlocked: () => {
      throw new Error('the log is larger than the ring');
    },
    onTruncate: () => undefined,
    onError: (error) => {
      throw error;
    },
    onPlanned: () => undefined,
  });
}

function encodeAll({ memory }: RingWriter, { format, isNative }: BinlogMessagesOptions): string[] {
  const messages: string[] = [];
  const batch = new MessageBatch(BATCH);
  const large = new LargeSlab(allocateLarge(LARGE_BYTES));
  const clock = new PushClock();
  const rows = new RowEncoder({ ring: new Uint8Array(memory.data), slab: batch.slab, messages: batch.messages, targets: batch.targets });
  new EncodeLoop({
    ring: memory,
    encoder: createEncoder(format, clock),
    decoders: ROW_DECODERS,
    clock,
    batch,
    rows: isNative ? rows : null,
    producer: takingInto(messages, batch),
    large,
    largeProducer: takingInto(messages, large),
    isInFlight: () => false,
    deadLetters: new DeadLetters({ produce: () => true, isInFlight: () => false, offsetOf: () => -1 }, new LetterCounts()),
  }).run();
  return messages;
}

function takingInto(values: string[], { slab, messages }: { readonly slab: Uint8Array; readonly messages: Int32Array }): MessageProducer {
  return {
    produce: (first, count) => {
      for (let i = first; i < first + count; i++) {
        const at = i * LAYOUT.MESSAGE_WORDS;
        const start = messages[at + LAYOUT.MESSAGE_VALUE_OFFSET]!;
        values.push(Buffer.from(slab.slice(start, start + messages[at + LAYOUT.MESSAGE_VALUE_LENGTH]!)).toString());
      }
      return count;
    },
  };
}
