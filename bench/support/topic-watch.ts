import kafka from '@confluentinc/kafka-javascript';
import type { IAdminClient, KafkaConsumer, Message } from '@confluentinc/kafka-javascript';
import { now, pause, secondsBetween } from '../measure/clock.ts';

const REQUEST_TIMEOUT_MS = 10_000;
/** A look at the end offsets costs broker and bench 0.2 ms of CPU: rare while the end is far, dense when it is near. */
const FAR_POLL_MS = 50;
const NEAR_POLL_MS = 2;
const NEAR_SECONDS = 0.25;

/** Looks at a topic from outside, by a client of its own: what counts is what the broker holds, whatever the engine says. */
export class TopicWatch {
  readonly #bootstrapServers: string;
  readonly #topic: string;
  readonly #partitions: number;
  #admin: IAdminClient;

  constructor(bootstrapServers: string, topic: string, partitions: number) {
    this.#bootstrapServers = bootstrapServers;
    this.#topic = topic;
    this.#partitions = partitions;
    this.#admin = this.#connect();
  }

  /** End offset of each partition. */
  async endOffsets(): Promise<number[]> {
    const request = Array.from({ length: this.#partitions }, (_, partition) => ({
      topic: this.#topic,
      partition,
      offset: kafka.OffsetSpec.LATEST,
    }));
    return await new Promise((resolve, reject) => {
      this.#admin.listOffsets(request, { timeout: REQUEST_TIMEOUT_MS }, (error, results) => {
        const failed = error ?? results.find((result) => result.error !== undefined)?.error;
        if (failed) reject(new Error(`end offsets of ${this.#topic}: ${failed.message}`));
        else resolve(results.map((result) => result.offset));
      });
    });
  }

  /** Messages in the topic by end offsets; it was created for the run and holds no transaction markers, so they are its messages. */
  async count(): Promise<number> {
    let sum = 0;
    for (const offset of await this.endOffsets()) sum += offset;
    return sum;
  }

  /**
   * Waits until the topic holds `messages` and returns when that was first seen, on the monotonic clock.
   * `check` runs with each look and ends the wait by throwing. A look that fails is repeated.
   */
  async waitForCount(messages: number, deadlineMs: number, check: () => void): Promise<bigint> {
    const start = now();
    const deadline = start + BigInt(deadlineMs) * 1_000_000n;
    let count = 0;
    let failure: unknown;
    for (;;) {
      try {
        count = await this.count();
      } catch (error) {
        failure = error;
        this.#reconnect();
      }
      const seen = now();
      if (count >= messages) return seen;
      check();
      if (seen > deadline)
        throw new Error(`${this.#topic} holds ${count} of ${messages} messages after ${deadlineMs} ms`, { cause: failure });
      const remaining = count === 0 ? Number.POSITIVE_INFINITY : (secondsBetween(start, seen) * (messages - count)) / count;
      await pause(remaining < NEAR_SECONDS ? NEAR_POLL_MS : FAR_POLL_MS);
    }
  }

  /**
   * Mean length of up to `sample` of the newest values of the fullest partition, read back by a consumer; a check that whole messages
   * arrived.
   */
  async meanValueBytes(sample: number): Promise<number> {
    const ends = await this.endOffsets();
    const end = Math.max(...ends);
    const partition = ends.indexOf(end);
    const wanted = Math.min(sample, end);
    if (wanted === 0) throw new Error(`${this.#topic} is empty`);
    const consumer = await connectConsumer(this.#bootstrapServers, REQUEST_TIMEOUT_MS);
    try {
      consumer.assign([{ topic: this.#topic, partition, offset: end - wanted }]);
      let bytes = 0;
      let messages = 0;
      while (messages < wanted) {
        for (const message of await consumeSome(consumer, wanted - messages)) {
          bytes += message.value?.length ?? 0;
          messages++;
        }
      }
      return bytes / messages;
    } finally {
      await new Promise((resolve) => consumer.disconnect(resolve));
    }
  }

  close(): void {
    this.#admin.disconnect();
  }

  #connect(): IAdminClient {
    return kafka.AdminClient.create({ 'bootstrap.servers': this.#bootstrapServers });
  }

  /** A client that met a frozen broker keeps its old leader epoch and is refused for good. */
  #reconnect(): void {
    this.#admin.disconnect();
    this.#admin = this.#connect();
  }
}

/**
 * A consumer that is assigned by hand and commits nothing. Its disconnecting waits for a call of `consume`, so for `consumeTimeoutMs` at
 * most.
 */
export async function connectConsumer(bootstrapServers: string, consumeTimeoutMs: number): Promise<KafkaConsumer> {
  const consumer = new kafka.KafkaConsumer(
    { 'bootstrap.servers': bootstrapServers, 'group.id': 'bench', 'enable.auto.commit': false, 'fetch.wait.max.ms': 50 },
    {},
  );
  await new Promise<void>((resolve, reject) => {
    consumer.connect({ timeout: REQUEST_TIMEOUT_MS }, (error) => (error ? reject(new Error(error.message)) : resolve()));
  });
  consumer.setDefaultConsumeTimeout(consumeTimeoutMs);
  return consumer;
}

async function consumeSome(consumer: KafkaConsumer, count: number): Promise<Message[]> {
  const messages = await new Promise<Message[]>((resolve, reject) => {
    consumer.consume(count, (error, batch) => (error ? reject(new Error(error.message)) : resolve(batch)));
  });
  if (messages.length === 0) throw new Error(`no message came in ${REQUEST_TIMEOUT_MS} ms`);
  return messages;
}
