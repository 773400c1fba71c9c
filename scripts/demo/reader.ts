import { setTimeout as delay } from 'node:timers/promises';
import kafka from '@confluentinc/kafka-javascript';

/** One message as the reader got it. */
export interface Arrival {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string;
  /** When this process had it, monotonic milliseconds. */
  readonly atMs: number;
}

/** Messages fetched in one call. */
const FETCH = 2000;
/** A call ends when no message has come for so long: what has come before waits for that. */
const IDLE_MS = 1;
const PAUSE_MS = 5;
const QUERY_MS = 5000;

/** Reads a topic from its beginning with Confluent's consumer: none of our code stands between the broker and what the demo counts. */
export class TopicReader {
  /** Messages so far. */
  count = 0;
  bytes = 0;
  private readonly consumer: InstanceType<typeof kafka.KafkaConsumer>;
  private readonly take: (arrival: Arrival) => void;
  private stopped = false;
  private paused = false;
  private topic = '';
  private partitions: readonly number[] = [];
  private loop: Promise<void> = Promise.resolve();

  constructor(bootstrapServers: string, take: (arrival: Arrival) => void) {
    this.take = take;
    this.consumer = new kafka.KafkaConsumer(
      {
        'bootstrap.servers': bootstrapServers,
        'group.id': 'millrace-demo-reader',
        'enable.auto.commit': false,
        'fetch.wait.max.ms': 5,
        'fetch.min.bytes': 1,
      },
      { 'auto.offset.reset': 'earliest' },
    );
  }

  /** Starts reading all partitions; returns when the consumer is connected. */
  async start(topic: string, partitions: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.consumer.connect({}, (error) => (error ? reject(new Error(error.message)) : resolve()));
    });
    this.topic = topic;
    this.partitions = Array.from({ length: partitions }, (_, partition) => partition);
    this.consumer.assign(this.partitions.map((partition) => ({ topic, partition, offset: 0 })));
    this.consumer.setDefaultConsumeTimeout(IDLE_MS);
    this.loop = this.read();
  }

  /** Takes no message until `resume`: a reader of single messages needs more time than what it reads took to be written. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** Messages in the topic, by the broker's own end offsets. */
  async inTopic(): Promise<number> {
    const ends = this.partitions.map((partition) => this.endOffset(partition));
    return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
    await new Promise<void>((resolve) => this.consumer.disconnect(() => resolve()));
  }

  private async read(): Promise<void> {
    while (!this.stopped) {
      if (this.paused) {
        await delay(PAUSE_MS);
        continue;
      }
      const messages = await new Promise<readonly kafka.Message[]>((resolve, reject) => {
        this.consumer.consume(FETCH, (error, batch) => (error ? reject(new Error(error.message)) : resolve(batch)));
      });
      const atMs = performance.now();
      for (const { partition, offset, key, value } of messages) {
        this.count += 1;
        this.bytes += value?.length ?? 0;
        this.take({ partition, offset, key: key?.toString() ?? null, value: value?.toString() ?? '', atMs });
      }
    }
  }

  private async endOffset(partition: number): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.consumer.queryWatermarkOffsets(this.topic, partition, QUERY_MS, (error, offsets) =>
        error ? reject(new Error(error.message)) : resolve(offsets.highOffset),
      );
    });
  }
}
