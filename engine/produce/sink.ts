import { createTopic, describeTopic, topicMetadata } from '../../native-bridge/admin.ts';
import {
  addTopic,
  close,
  createProducer,
  errorText,
  type NativeEvent,
  type ProducerHandle,
  takeEvents,
} from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';
import { DeliveryTable } from './delivery.ts';
import type { MemoryPlan } from './memory.ts';
import { producerProperties } from './settings.ts';
import { resolveTopic, type TopicFacts } from './topics.ts';

export interface SinkOptions {
  readonly topic: string;
  readonly autoCreate: boolean;
  readonly partitions: number | null;
  readonly replicationFactor: number | null;
  /** Partition count that the checkpoint recorded; null before the first checkpoint. */
  readonly recordedPartitions: number | null;
  readonly maxMessageBytes: number | null;
  /** librdkafka's properties: the user's and the guarantees'. */
  readonly properties: Readonly<Record<string, string>>;
  readonly memory: MemoryPlan;
  /** Bench only; null otherwise. */
  readonly stampsPath: string | null;
  /** What librdkafka reports beside deliveries. */
  readonly onEvent: (event: NativeEvent) => void;
}

/** A topic of the sink with its place among the producer's targets. */
export interface SinkTopic extends TopicFacts {
  readonly index: number;
  readonly targetBase: number;
}

/** How long the start waits for a broker's answer, and an end for librdkafka's threads. */
const ADMIN_MS = 10_000;
const DESCRIBE_MS = 3_000;
const CLOSE_MS = 5_000;

/** Kafka as one changefeed uses it: one producer for all workers, its topic, and what became of the messages. */
export class Sink {
  readonly producer: ProducerHandle;
  readonly topic: SinkTopic;
  readonly clusterId: string | null;
  readonly delivery: DeliveryTable;
  private readonly onEvent: (event: NativeEvent) => void;
  /** Why nothing can be delivered any more; null while it can. */
  private fatal: MillraceError | null = null;
  /** The last look found messages that were purged, and none that failed. */
  private sawPurge = false;

  constructor(
    producer: ProducerHandle,
    topic: SinkTopic,
    clusterId: string | null,
    delivery: DeliveryTable,
    onEvent: SinkOptions['onEvent'],
  ) {
    this.producer = producer;
    this.topic = topic;
    this.clusterId = clusterId;
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
    const failed = this.delivery.firstError({ topic: () => this.topic.name, table: tableName, error: errorText });
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

  /** Ends the producer; what is still queued is given up. */
  async close(): Promise<void> {
    await close(this.producer, CLOSE_MS);
  }
}

/**
 * Finds (or makes) the topic and starts the producer for it. The topic's limits are asked by a client of their own,
 * because a producer's batch size is fixed when it starts.
 * @throws MillraceError of the topics' codes, KAFKA_CONFIG_INVALID
 */
export async function openSink(options: SinkOptions): Promise<{ sink: Sink; warnings: readonly string[] }> {
  const { facts, clusterId } = await askForTopic(options);
  const delivery = new DeliveryTable();
  const producer = createProducer({
    config: producerProperties(options.properties, options.memory, facts.maxMessageBytes),
    delivery: delivery.words,
    ...(options.stampsPath === null ? {} : { stampsPath: options.stampsPath }),
  });
  const targetBase = 0;
  const index = addTopic(producer, facts.name, facts.partitions, targetBase, facts.maxMessageBytes);
  const sink = new Sink(producer, { ...facts, index, targetBase }, clusterId, delivery, options.onEvent);
  return { sink, warnings: facts.warnings };
}

async function askForTopic(options: SinkOptions): Promise<{ facts: TopicFacts; clusterId: string | null }> {
  const client = createProducer({ config: options.properties, delivery: new DeliveryTable().words });
  let clusterId: string | null = null;
  try {
    const facts = await resolveTopic(
      {
        topicMetadata: async (topic, timeoutMs) => {
          const metadata = await topicMetadata(client, topic, timeoutMs);
          clusterId = metadata.clusterId;
          return metadata;
        },
        describeTopic: (topic) => describeTopic(client, topic, DESCRIBE_MS),
        createTopic: (topic, partitions, replicationFactor, timeoutMs) =>
          createTopic(client, topic, partitions, replicationFactor, timeoutMs),
      },
      {
        name: options.topic,
        autoCreate: options.autoCreate,
        partitions: options.partitions,
        replicationFactor: options.replicationFactor ?? BROKER_DEFAULT,
        recordedPartitions: options.recordedPartitions,
        maxMessageBytes: options.maxMessageBytes,
        timeoutMs: ADMIN_MS,
      },
    );
    return { facts, clusterId };
  } catch (error) {
    throw withReason(error, client);
  } finally {
    await close(client, CLOSE_MS);
  }
}

/**
 * A login that is refused, or a certificate that is not trusted, looks like a broker that does not answer: librdkafka tells which beside
 * the call.
 */
function withReason(error: unknown, client: ProducerHandle): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'KAFKA_UNREACHABLE') return error;
  const told = takeEvents(client).flatMap((event) => (event.kind === 'error' ? [`${event.message} (${event.name})`] : []));
  if (told.length === 0) return error;
  return new MillraceError(error.code, `${error.message}; librdkafka reports: ${[...new Set(told)].join('; ')}`, error.details, {
    cause: error,
  });
}

/** Replication factor that leaves the choice to the broker. */
const BROKER_DEFAULT = -1;
