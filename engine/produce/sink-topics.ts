import { createTopic, describeTopic, inspectTopic, topicMetadata } from '../../native-bridge/admin.ts';
import { addTopic, type NativeEvent, type ProducerHandle, takeEvents } from '../../native-bridge/index.ts';
import { MillraceError } from '../base/errors.ts';
import { refusalOf } from './refusal.ts';
import { advertisedInVain, listenersFinding, silenceOf } from './silence.ts';
import { resolveTopic, type TopicFacts } from './topics.ts';

/** What is asked of every topic alike. */
export interface TopicOptions {
  readonly autoCreate: boolean;
  readonly partitions: number | null;
  readonly replicationFactor: number | null;
  /** Partition counts that the checkpoint recorded, by topic. */
  readonly recordedPartitions: Readonly<Record<string, number>>;
  /** Those counts hold for topics that have grown since. */
  readonly keepsPartitions: boolean;
  readonly maxMessageBytes: number | null;
  /** How a topic is created where that is not as `partitions` and the broker's defaults say. */
  readonly creation?: { readonly partitions: number; readonly config: Readonly<Record<string, string>> };
  /** Sees each topic once, before a message goes to it. */
  readonly onTopic: (topic: SinkTopic) => void;
}

/** Asks for a topic of which nothing is expected. */
export const ANY_TOPIC: TopicOptions = {
  autoCreate: false,
  partitions: null,
  replicationFactor: null,
  recordedPartitions: {},
  keepsPartitions: false,
  maxMessageBytes: null,
  onTopic: () => undefined,
};

/** A topic of the sink with its place among the producer's targets. */
export interface SinkTopic extends TopicFacts {
  readonly index: number;
  readonly targetBase: number;
  readonly isForDeadLetters: boolean;
}

/** What a broker says of a topic, and of itself. */
export interface Answer {
  readonly facts: TopicFacts;
  readonly clusterId: string | null;
}

/** How long the broker's answer is waited for. */
const ADMIN_MS = 10_000;
const DESCRIBE_MS = 3_000;
/** Replication factor that leaves the choice to the broker. */
const BROKER_DEFAULT = -1;

/** The topics of one producer, each asked for once and then kept as it was: partition counts are frozen until the next start. */
export class SinkTopics {
  /** In the order of their indexes. */
  readonly all: SinkTopic[] = [];
  clusterId: string | null = null;
  private readonly producer: ProducerHandle;
  private readonly options: TopicOptions;
  private readonly asked = new Map<string, Promise<SinkTopic>>();
  private targets = 0;

  constructor(producer: ProducerHandle, options: TopicOptions) {
    this.producer = producer;
    this.options = options;
  }

  /** For the checkpoint. */
  partitionCounts(): Record<string, number> {
    const ofRows = this.all.filter(({ isForDeadLetters }) => !isForDeadLetters);
    return Object.fromEntries(ofRows.map(({ name, partitions }) => [name, partitions]));
  }

  /** The topic if it has been asked for, for the same use, and answered. */
  find(name: string, isForDeadLetters: boolean): SinkTopic | null {
    return this.all.find((topic) => topic.name === name && topic.isForDeadLetters === isForDeadLetters) ?? null;
  }

  /**
   * Finds (or makes) a topic and makes it known to the producer.
   * @throws MillraceError of the topics' codes; TOO_MANY_TARGETS, KAFKA_CONFIG_INVALID
   */
  open(name: string): Promise<SinkTopic> {
    return this.openFor(name, false);
  }

  /**
   * As `open`, for dead letters.
   * @throws MillraceError DEAD_LETTER_TOPIC_UNFIT, and what `open` throws
   */
  openDeadLetters(name: string): Promise<SinkTopic> {
    return this.openFor(name, true);
  }

  private async openFor(name: string, isForDeadLetters: boolean): Promise<SinkTopic> {
    const asked = this.asked.get(name) ?? this.ask(name, isForDeadLetters);
    this.asked.set(name, asked);
    const topic = await asked;
    if (topic.isForDeadLetters !== isForDeadLetters) throw sharedTopic(name);
    return topic;
  }

  private async ask(name: string, isForDeadLetters: boolean): Promise<SinkTopic> {
    const options = isForDeadLetters ? deadLetterOptions(this.options) : this.options;
    return this.all.find((topic) => topic.name === name) ?? this.add(await askForTopic(this.producer, name, options), isForDeadLetters);
  }

  /** A topic that another client has asked for. */
  add({ facts, clusterId }: Answer, isForDeadLetters: boolean): SinkTopic {
    const problem = isForDeadLetters ? letterTopicProblem(facts) : null;
    if (problem !== null) throw problem;
    const targetBase = this.targets;
    const index = addTopic(this.producer, facts.name, facts.partitions, targetBase, facts.maxMessageBytes);
    this.targets += facts.partitions;
    this.clusterId = clusterId;
    const topic = { ...facts, index, targetBase, isForDeadLetters };
    this.all.push(topic);
    this.options.onTopic(topic);
    return topic;
  }
}

/** What is asked of a topic of dead letters: partitions as it has them, and its own limit, for letters may be larger than messages. */
export function deadLetterOptions(options: TopicOptions): TopicOptions {
  return { ...options, partitions: null, recordedPartitions: {}, maxMessageBytes: null };
}

/** Least limit of a topic of dead letters: what is known about a row takes some of it. */
const LETTER_BYTES_LEAST = 16_384;

/** Why a topic cannot hold dead letters: DEAD_LETTER_TOPIC_UNFIT; null when it can. */
export function letterTopicProblem({ name, compacted, maxMessageBytes }: TopicFacts): MillraceError | null {
  const alter = (setting: string) => `run: kafka-configs.sh --bootstrap-server <broker> --alter --topic ${name} --add-config ${setting}`;
  if (compacted) {
    const message = `topic ${name} is compacted: of each key the broker would keep the latest dead letter alone. Use another MILLRACE_DEAD_LETTER_TOPIC, or `;
    return new MillraceError('DEAD_LETTER_TOPIC_UNFIT', message + alter('cleanup.policy=delete'), { topic: name });
  }
  if (maxMessageBytes >= LETTER_BYTES_LEAST) return null;
  const message = `topic ${name} takes ${maxMessageBytes} bytes a message (max.message.bytes); dead letters need at least ${LETTER_BYTES_LEAST}: `;
  const details = { topic: name, limit: maxMessageBytes, least: LETTER_BYTES_LEAST };
  return new MillraceError('DEAD_LETTER_TOPIC_UNFIT', message + alter('max.message.bytes=10485760'), details);
}

function sharedTopic(name: string): MillraceError {
  return new MillraceError(
    'DEAD_LETTER_TOPIC_UNFIT',
    `topic ${name} would hold rows and dead letters: give MILLRACE_DEAD_LETTER_TOPIC and MILLRACE_TOPIC names that no table makes the same`,
    { topic: name },
  );
}

/** Asks the broker by `client`. */
export async function askForTopic(client: ProducerHandle, name: string, options: TopicOptions): Promise<Answer> {
  const { creation } = options;
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
        inspectTopic: (topic) => inspectTopic(client, topic, DESCRIBE_MS),
        createTopic: (topic, partitions, replicationFactor, timeoutMs) =>
          createTopic(client, topic, creation?.partitions ?? partitions, replicationFactor, timeoutMs, creation?.config),
      },
      {
        name,
        autoCreate: options.autoCreate,
        partitions: options.partitions,
        replicationFactor: options.replicationFactor ?? BROKER_DEFAULT,
        recordedPartitions: options.recordedPartitions[name] ?? null,
        keepsPartitions: options.keepsPartitions,
        maxMessageBytes: options.maxMessageBytes,
        timeoutMs: ADMIN_MS,
      },
    );
    return { facts, clusterId };
  } catch (error) {
    throw withReason(error, takeEvents(client));
  }
}

/**
 * A login that is refused, a certificate that is not trusted, a wrong protocol: all look like a broker that does not answer. librdkafka
 * tells which beside the call.
 */
function withReason(error: unknown, events: readonly NativeEvent[]): unknown {
  if (!(error instanceof MillraceError) || error.code !== 'KAFKA_UNREACHABLE') return error;
  const refusal = refusalOf(events);
  if (refusal !== null) return new MillraceError(refusal.code, refusal.reason, error.details, { cause: error });
  const lost = advertisedInVain(events);
  if (lost.length > 0) {
    const each = lost.map(({ id, host, port }) => `broker ${id} at ${host}:${port}`);
    const { found, remedy } = listenersFinding(
      each,
      lost.map(({ id }) => id),
    );
    return new MillraceError('KAFKA_LISTENERS', `${found}. ${remedy}; seen: ${silenceOf(events)}`, error.details, { cause: error });
  }
  return new MillraceError(error.code, `${error.message}; seen: ${silenceOf(events)}`, error.details, { cause: error });
}
