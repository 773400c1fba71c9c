import type { TestContext } from 'node:test';
import {
  addTopic,
  attachLane,
  close,
  createProducer,
  detachLane,
  MockCluster,
  type LaneId,
  type ProducerHandle,
} from '../../native-bridge/index.ts';
import { LAYOUT } from '../../native-bridge/layout.ts';
import { acknowledgeFirst } from '../support/first-messages.ts';

/** What a topic of Kafka takes by default: `max.message.bytes`. */
export const TOPIC_BYTES = 1_048_588;

export interface TestMessage {
  readonly key?: string | null;
  readonly value?: string | null;
  readonly topic?: number;
  readonly partition?: number;
  readonly epoch?: number;
  readonly table?: number;
  readonly row?: number;
}

/** A delivery table, and what its words say. */
export class TestTable {
  readonly words = new Int32Array(new SharedArrayBuffer(LAYOUT.TABLE_WORDS * 4));
  readonly #longs = new BigInt64Array(this.words.buffer);

  word(index: number): number {
    return Atomics.load(this.words, index);
  }

  long(word: number): number {
    return Number(Atomics.load(this.#longs, word / 2));
  }

  outstanding(epoch: number): number {
    return this.word(LAYOUT.EPOCHS + epoch * LAYOUT.EPOCH_WORDS + LAYOUT.EPOCH_OUTSTANDING);
  }

  poisoned(epoch: number): boolean {
    return this.word(LAYOUT.EPOCHS + epoch * LAYOUT.EPOCH_WORDS + LAYOUT.EPOCH_POISONED) !== 0;
  }

  target(slot: number): { offset: number; count: number; bytes: number; inFlight: number } {
    const base = LAYOUT.TARGETS + slot * LAYOUT.TARGET_WORDS;
    return {
      offset: this.long(base + LAYOUT.TARGET_OFFSET),
      count: this.long(base + LAYOUT.TARGET_COUNT),
      bytes: this.long(base + LAYOUT.TARGET_BYTES),
      inFlight: this.word(base + LAYOUT.TARGET_IN_FLIGHT),
    };
  }

  get totals(): { delivered: number; failed: number; purged: number; inFlight: number } {
    return {
      delivered: this.long(LAYOUT.HEADER_DELIVERED),
      failed: this.long(LAYOUT.HEADER_FAILED),
      purged: this.long(LAYOUT.HEADER_PURGED),
      inFlight: this.long(LAYOUT.HEADER_IN_FLIGHT),
    };
  }
}

/** The memory of a lane, filled from strings. */
export class TestLane {
  readonly slab: Uint8Array;
  readonly messages: Int32Array;
  readonly id: LaneId;
  #used = 0;

  constructor(slabBytes = 1 << 20, messageCount = 4096) {
    this.slab = new Uint8Array(new SharedArrayBuffer(slabBytes));
    this.messages = new Int32Array(new SharedArrayBuffer(messageCount * LAYOUT.MESSAGE_WORDS * 4));
    this.id = attachLane(this);
  }

  /** Writes descriptors 0..n and returns n. */
  fill(messages: readonly TestMessage[]): number {
    this.#used = 0;
    for (const [index, message] of messages.entries()) this.#put(index, message);
    return messages.length;
  }

  detach(): void {
    detachLane(this.id);
  }

  #put(index: number, message: TestMessage): void {
    const { key = null, value = 'v', topic = 0, partition = 0, epoch = 0, table = 0, row = index } = message;
    const at = index * LAYOUT.MESSAGE_WORDS;
    [this.messages[at + LAYOUT.MESSAGE_KEY_OFFSET], this.messages[at + LAYOUT.MESSAGE_KEY_LENGTH]] = this.#bytes(key);
    [this.messages[at + LAYOUT.MESSAGE_VALUE_OFFSET], this.messages[at + LAYOUT.MESSAGE_VALUE_LENGTH]] = this.#bytes(value);
    this.messages[at + LAYOUT.MESSAGE_TOPIC] = topic;
    this.messages[at + LAYOUT.MESSAGE_PARTITION] = partition;
    this.messages[at + LAYOUT.MESSAGE_OPAQUE_LOW] = row;
    this.messages[at + LAYOUT.MESSAGE_OPAQUE_HIGH] = (epoch << 16) | table;
  }

  #bytes(text: string | null): [number, number] {
    if (text === null) return [0, LAYOUT.NULL_LENGTH | 0];
    const bytes = Buffer.from(text);
    const at = this.#used;
    this.slab.set(bytes, at);
    this.#used += bytes.length;
    return [at, bytes.length];
  }
}

export interface TestProducer {
  readonly handle: ProducerHandle;
  readonly table: TestTable;
  readonly lane: TestLane;
}

/** A mock cluster of one broker with topic `t`, closed after the test. */
export function startCluster(t: Pick<TestContext, 'after'>, partitions = 1): MockCluster {
  const cluster = new MockCluster(1);
  cluster.createTopic('t', partitions, 1);
  t.after(() => cluster.close());
  return cluster;
}

/**
 * An idempotent producer with one topic as topic 0, its targets from slot 0 on, as if each had acknowledged its first message; closed after
 * the test.
 */
export function startProducer(
  t: Pick<TestContext, 'after'>,
  bootstrapServers: string,
  config: Readonly<Record<string, string>> = {},
  partitions = 1,
  topic = 't',
): TestProducer {
  const table = new TestTable();
  const handle = createProducer({
    config: { 'bootstrap.servers': bootstrapServers, 'enable.idempotence': 'true', 'linger.ms': '1', ...config },
    delivery: table.words,
  });
  t.after(() => close(handle, 0).catch(() => undefined));
  addTopic(handle, topic, partitions, 0, TOPIC_BYTES);
  acknowledgeFirst(table.words, partitions);
  const lane = new TestLane();
  t.after(() => lane.detach());
  return { handle, table, lane };
}
