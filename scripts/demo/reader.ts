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

/** Reads a topic from its beginning with Confluent's consumer: none of our code stands between the broker and what the demo counts. */
export class TopicReader {
  /** Messages so far. */
  count = 0;
  bytes = 0;
  private readonly consumer: InstanceType<typeof kafka.KafkaConsumer>;
  private readonly take: (arrival: Arrival) => void;
  private stopped = false;
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
    this.consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
    this.consumer.setDefaultConsumeTimeout(IDLE_MS);
    this.loop = this.read();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
    await new Promise<void>((resolve) => this.consumer.disconnect(() => resolve()));
  }

  private async read(): Promise<void> {
    while (!this.stopped) {
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
}
