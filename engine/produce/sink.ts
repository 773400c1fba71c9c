import { topicMetadata } from '../../native-bridge/admin.ts';
import { close, createProducer, errorText, type NativeEvent, type ProducerHandle, takeEvents } from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';
import { DeliveryTable } from './delivery.ts';
import type { MemoryPlan } from './memory.ts';
import { producerProperties } from './settings.ts';
import { type Answer, askForTopic, SinkTopics, type TopicOptions } from './sink-topics.ts';

export interface SinkOptions extends TopicOptions {
  /** The one topic; null when the tables tell which there are. */
  readonly topic: string | null;
  /** librdkafka's properties: the user's and the guarantees'. */
  readonly properties: Readonly<Record<string, string>>;
  readonly memory: MemoryPlan;
  /** Bench only; null otherwise. */
  readonly stampsPath: string | null;
  /** What librdkafka reports beside deliveries. */
  readonly onEvent: (event: NativeEvent) => void;
}

/** How long an end waits for librdkafka's threads. */
const CLOSE_MS = 5_000;
const METADATA_MS = 5_000;

/** Kafka as one changefeed uses it: one producer for all workers, its topics, and what became of the messages. */
export class Sink {
  readonly producer: ProducerHandle;
  readonly topics: SinkTopics;
  readonly delivery: DeliveryTable;
  private readonly onEvent: (event: NativeEvent) => void;
  /** Why nothing can be delivered any more; null while it can. */
  private fatal: MillraceError | null = null;
  /** The last look found messages that were purged, and none that failed. */
  private sawPurge = false;

  constructor(producer: ProducerHandle, topics: SinkTopics, delivery: DeliveryTable, onEvent: SinkOptions['onEvent']) {
    this.producer = producer;
    this.topics = topics;
    this.delivery = delivery;
    this.onEvent = onEvent;
  }

  /**
   * Passes on librdkafka's events, and throws when a message failed or nothing can be delivered any more. A fatal error and messages that
   * were purged are thrown by the next call: most often they follow from a message that failed, whose report comes a moment later and says
   * more.
   * @param tableName name of a table by its id
   * @throws MillraceError DELIVERY_FAILED
   */
  check(tableName: (id: number) => string): void {
    const isPurge = this.delivery.hasOnlyPurged;
    const failed = this.delivery.firstError({ topic: (index) => this.topics.all[index]!.name, table: tableName, error: errorText });
    if (failed !== null && (!isPurge || this.sawPurge)) throw isPurge && this.fatal !== null ? this.fatal : failed;
    this.sawPurge = isPurge;
    if (this.fatal !== null) throw this.fatal;
    for (const event of takeEvents(this.producer)) {
      this.onEvent(event);
      if (event.kind === 'error' && event.fatal) {
        const message = `the producer can deliver nothing any more: ${event.message} (${event.name})`;
        this.fatal = new MillraceError('DELIVERY_FAILED', message, { error: event.code, errorName: event.name });
      }
    }
  }

  /** The partitions that a topic has now; 0 when the broker does not tell. */
  async partitionsNow(topic: string): Promise<number> {
    return (await topicMetadata(this.producer, topic, METADATA_MS)).partitions;
  }

  /** Ends the producer; what is still queued is given up. */
  async close(): Promise<void> {
    await close(this.producer, CLOSE_MS);
  }
}

/**
 * Starts the producer. The limits of a single topic are asked by a client of their own before, because a producer's batch size is fixed
 * when it starts.
 * @throws MillraceError of the topics' codes, KAFKA_CONFIG_INVALID
 */
export async function openSink(options: SinkOptions): Promise<Sink> {
  const single = options.topic === null ? null : await askBefore(options, options.topic);
  const delivery = new DeliveryTable();
  const producer = createProducer({
    config: producerProperties(options.properties, options.memory, single?.facts.maxMessageBytes ?? options.maxMessageBytes),
    delivery: delivery.words,
    ...(options.stampsPath === null ? {} : { stampsPath: options.stampsPath }),
  });
  const topics = new SinkTopics(producer, options);
  if (single !== null) topics.add(single);
  return new Sink(producer, topics, delivery, options.onEvent);
}

async function askBefore(options: SinkOptions, name: string): Promise<Answer> {
  const client = createProducer({ config: options.properties, delivery: new DeliveryTable().words });
  try {
    return await askForTopic(client, name, options);
  } finally {
    await close(client, CLOSE_MS);
  }
}
