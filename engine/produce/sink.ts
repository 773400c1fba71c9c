import { topicMetadata } from '../../native-bridge/admin.ts';
import {
  close,
  createProducer,
  cutAfterPause,
  cutConnections,
  errorText,
  type NativeEvent,
  type ProducerHandle,
  queueDepth,
  renewProducer,
  setCredentials,
  setToken,
  takeEvents,
} from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';
import { type CredentialSources, currentProperties, currentToken } from './credentials.ts';
import { DeliveryTable } from './delivery.ts';
import type { MemoryPlan } from './memory.ts';
import { unusableCredentials } from './refusal.ts';
import { producerProperties } from './settings.ts';
import { Throttle } from './throttle.ts';
import { type Answer, askForTopic, deadLetterOptions, SinkTopics, type TopicOptions } from './sink-topics.ts';
import { grantCommand } from './topics.ts';

export interface SinkOptions extends TopicOptions {
  /** The one topic; null when the tables tell which there are. */
  readonly topic: string | null;
  /** Its topic is null when the tables tell which there are; null where there are no dead letters. */
  readonly deadLetters: { readonly topic: string | null } | null;
  /** librdkafka's properties, the user's and the guarantees', and where their secrets come from. */
  readonly credentials: CredentialSources;
  readonly memory: MemoryPlan;
  /** Sends nothing any more after the process stood still for so long, because another may have taken its place; null where none can. */
  readonly pauseLimitMs: number | null;
  /** Bench only; null otherwise. */
  readonly stampsPath: string | null;
  /** What librdkafka reports beside deliveries. */
  readonly onEvent: (event: NativeEvent) => void;
  /** A broker's quota begins to hold the producer back: for so many milliseconds, this time. */
  readonly onThrottled: (broker: string, ms: number) => void;
}

/** What a `Sink` keeps of its options. */
type SinkSettings = Pick<SinkOptions, 'credentials' | 'memory' | 'onEvent' | 'onThrottled'>;

/** How long an end waits for librdkafka's threads. */
const CLOSE_MS = 5_000;
const METADATA_MS = 5_000;
/** librdkafka's code for a user who may not be given a producer id. */
const CLUSTER_AUTHORIZATION_FAILED = 31;
/** How long new credentials wait for a broker, and for what was sent with the old ones. */
const RENEWAL_MS = 30_000;

type PropertiesOf = (properties: Record<string, string>) => Record<string, string>;

/** Kafka as one changefeed uses it: one producer for all workers, its topics, and what became of the messages. */
export class Sink {
  readonly producer: ProducerHandle;
  readonly topics: SinkTopics;
  readonly delivery: DeliveryTable;
  readonly throttle: Throttle;
  private readonly options: SinkSettings;
  /** The producer's own on top of a client's. */
  private readonly propertiesOf: PropertiesOf;
  /** Why nothing can be delivered any more; null while it can. */
  private fatal: MillraceError | null = null;
  /** The last look found messages that were purged, and none that failed. */
  private sawPurge = false;
  private closing: Promise<boolean> | null = null;

  constructor(producer: ProducerHandle, topics: SinkTopics, delivery: DeliveryTable, propertiesOf: PropertiesOf, options: SinkSettings) {
    this.producer = producer;
    this.topics = topics;
    this.delivery = delivery;
    this.propertiesOf = propertiesOf;
    this.options = options;
    this.throttle = new Throttle(options.onThrottled);
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
    const failed = this.delivery.firstError({
      topic: (index) => this.topics.all[index]!,
      table: tableName,
      error: errorText,
    });
    if (failed !== null && (!isPurge || this.sawPurge)) throw isPurge && this.fatal !== null ? this.fatal : failed;
    this.sawPurge = isPurge;
    if (this.fatal !== null) throw this.fatal;
    for (const event of takeEvents(this.producer)) {
      this.options.onEvent(event);
      if (event.kind === 'error' && event.fatal) this.fatal = fatalError(event);
      if (event.kind === 'throttle') this.throttle.add(event.broker, event.ms, performance.now());
    }
  }

  /** How full librdkafka's queue is, 0 to 1, by bytes or by messages, whichever limit is nearer. */
  get queueFill(): number {
    const { messages, bytes } = queueDepth(this.producer);
    const { queueMessages, queueKilobytes } = this.options.memory;
    return Math.max(messages / queueMessages, bytes / (queueKilobytes * 1024));
  }

  /** The partitions that a topic has now; 0 when the broker does not tell. */
  async partitionsNow(topic: string): Promise<number> {
    return (await topicMetadata(this.producer, topic, METADATA_MS)).partitions;
  }

  /**
   * Logs in with what stands in the files of credentials now. Passwords and tokens are for the next connection; what librdkafka reads only
   * once takes a new client, to which nothing is given before the old one has delivered all it has.
   * @throws MillraceError KAFKA_CREDENTIALS_INVALID, KAFKA_UNREACHABLE: then all is as before. KAFKA_RENEWAL_STUCK:
   * then nothing can be delivered any more.
   */
  async renewCredentials(changed: readonly string[]): Promise<void> {
    const { credentials } = this.options;
    const { secretFiles, tokenFile } = credentials;
    const properties = currentProperties(credentials);
    const token = currentToken(credentials);
    if (token !== null && changed.every((file) => file === tokenFile)) return setToken(this.producer, token);
    if (changed.every((file) => file === secretFiles['sasl.password'])) {
      return setCredentials(this.producer, properties['sasl.username'] ?? '', properties['sasl.password'] ?? '');
    }
    try {
      await renewProducer(this.producer, this.propertiesOf(properties), token, RENEWAL_MS);
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'KAFKA_RENEWAL_STUCK') this.fatal = error;
      throw unusableCredentials(error);
    }
  }

  /** Ends the producer; what is still queued after a while is given up. */
  async close(): Promise<void> {
    this.closing ??= close(this.producer, CLOSE_MS);
    await this.closing;
  }

  /** Ends it at once: what is queued is not sent any more, even while it ends. Of what is on its way to a broker nobody knows. */
  abandon(): void {
    cutConnections(this.producer);
    this.closing ??= close(this.producer, 0);
  }
}

/**
 * Starts the producer. The limits of a single topic are asked by a client of their own before, because a producer's batch size is fixed
 * when it starts.
 * @throws MillraceError of the topics' codes, KAFKA_CONFIG_INVALID
 */
export async function openSink(options: SinkOptions): Promise<Sink> {
  const { deadLetters } = options;
  const single = options.topic === null ? null : await askBefore(options, options.topic, options);
  const ofLetters = typeof deadLetters?.topic === 'string' ? await askBefore(options, deadLetters.topic, deadLetterOptions(options)) : null;
  const delivery = new DeliveryTable();
  const limit = single?.facts.maxMessageBytes ?? options.maxMessageBytes;
  // Letters may be larger than the messages of the one topic.
  const largest = deadLetters === null ? limit : null;
  const smallest = ofLetters === null ? limit : Math.min(ofLetters.facts.maxMessageBytes, limit ?? Number.MAX_SAFE_INTEGER);
  const propertiesOf: PropertiesOf = (properties) => producerProperties(properties, options.memory, largest, smallest);
  const producer = openClient(options.credentials, propertiesOf, delivery, options.stampsPath);
  if (options.pauseLimitMs !== null) cutAfterPause(producer, options.pauseLimitMs);
  const topics = new SinkTopics(producer, options);
  if (single !== null) topics.add(single, false);
  if (ofLetters !== null) topics.add(ofLetters, true);
  return new Sink(producer, topics, delivery, propertiesOf, options);
}

async function askBefore(options: SinkOptions, name: string, topicOptions: TopicOptions): Promise<Answer> {
  const client = openClient(options.credentials, (properties) => properties, new DeliveryTable(), null);
  try {
    return await askForTopic(client, name, topicOptions);
  } finally {
    await close(client, CLOSE_MS);
  }
}

/**
 * Starts a client that knows how to log in.
 * @throws MillraceError KAFKA_CONFIG_INVALID, KAFKA_CREDENTIALS_INVALID, KAFKA_KERBEROS_MISSING
 */
export function openClient(
  credentials: CredentialSources,
  propertiesOf: PropertiesOf,
  delivery: DeliveryTable,
  stampsPath: string | null,
): ProducerHandle {
  const config = propertiesOf(currentProperties(credentials));
  const token = currentToken(credentials);
  try {
    const client = createProducer({ config, delivery: delivery.words, ...(stampsPath === null ? {} : { stampsPath }) });
    if (token !== null) setToken(client, token);
    return client;
  } catch (error) {
    throw unusableCredentials(error);
  }
}

/** What a fatal event of librdkafka means. */
function fatalError(event: Extract<NativeEvent, { kind: 'error' }>): MillraceError {
  const message = `the producer can deliver nothing any more: ${event.message} (${event.name})`;
  const details = { error: event.code, errorName: event.name };
  if (event.code !== CLUSTER_AUTHORIZATION_FAILED) return new MillraceError('DELIVERY_FAILED', message, details);
  const grant = grantCommand(['IdempotentWrite'], '--cluster');
  return new MillraceError('KAFKA_CLUSTER_UNAUTHORIZED', `${message}. It needs: ${grant}`, details);
}
