import type { KafkaConsumer, Message } from '@confluentinc/kafka-javascript';
import { now } from '../measure/clock.ts';
import { connectConsumer } from '../support/topic-watch.ts';
import type { RowTimes } from './stamps.ts';

/** A consumer costs the machine more than the engine does, so it reads one partition: a sample by key hash. */
const PARTITION = 0;
const CONSUME_TIMEOUT_MS = 200;

/** Notes when rows reach a consumer: what an application sees beyond the producer's acknowledgement. */
export class Arrivals {
  readonly times: RowTimes;
  readonly #consumer: KafkaConsumer;

  private constructor(consumer: KafkaConsumer, rows: number) {
    this.#consumer = consumer;
    this.times = new BigInt64Array(rows + 1);
  }

  static async watch(bootstrapServers: string, topic: string, rows: number): Promise<Arrivals> {
    const consumer = await connectConsumer(bootstrapServers, CONSUME_TIMEOUT_MS);
    const arrivals = new Arrivals(consumer, rows);
    consumer.on('data', (message: Message) => arrivals.#note(message));
    consumer.assign([{ topic, partition: PARTITION, offset: 0 }]);
    consumer.consume();
    return arrivals;
  }

  /** Once it has been called, further calls do nothing. */
  async close(): Promise<void> {
    if (this.#consumer.isConnected()) await new Promise((resolve) => this.#consumer.disconnect(resolve));
  }

  #note(message: Message): void {
    const id = Number(/\d+/.exec(String(message.key))?.[0] ?? 0);
    if (id > 0 && id < this.times.length && this.times[id] === 0n) this.times[id] = now();
  }
}
