import type { TopicInspection } from '../../native-bridge/admin.ts';
import { MillraceError } from '../base/errors.ts';

/** What a broker says of a topic; answered by native-bridge through librdkafka's own admin calls. */
export interface TopicAdmin {
  /** `error` is librdkafka's code (0 none, 3 unknown topic, 29 not authorised); `partitions` 0 when there is an error. */
  topicMetadata(
    topic: string,
    timeoutMs: number,
  ): Promise<{ readonly error: number; readonly errorName: string; readonly partitions: number }>;
  /** The topic's configuration; null when the broker cannot or may not tell (no DescribeConfigs). */
  describeTopic(topic: string, timeoutMs: number): Promise<Readonly<Record<string, string>> | null>;
  /** How it is kept, and what our user may do with it; null when the broker cannot or may not tell. */
  inspectTopic(topic: string, timeoutMs: number): Promise<TopicInspection | null>;
  createTopic(topic: string, partitions: number, replicationFactor: number, timeoutMs: number): Promise<void>;
}

export interface TopicRequest {
  readonly name: string;
  /** Create it when it is missing. */
  readonly autoCreate: boolean;
  /** Asked-for partition count; null for "as it is" (3 for a topic to be created). */
  readonly partitions: number | null;
  readonly replicationFactor: number;
  /** Partition count that the checkpoint recorded; null before the first checkpoint. */
  readonly recordedPartitions: number | null;
  /** The recorded count holds although the topic has more partitions now: nobody has asked for a new start. */
  readonly keepsPartitions: boolean;
  /** The user's own limit of a message in bytes; null for the topic's. */
  readonly maxMessageBytes: number | null;
  readonly timeoutMs: number;
}

/** A topic that is there and fits. */
export interface TopicFacts {
  readonly name: string;
  readonly partitions: number;
  /** Largest message in bytes: the smaller of the user's limit and the broker's. */
  readonly maxMessageBytes: number;
  /** `cleanup.policy` holds `compact`. */
  readonly compacted: boolean;
  readonly created: boolean;
  /** Null when the broker does not tell. */
  readonly config: Readonly<Record<string, string>> | null;
  /** Null when the broker does not tell. */
  readonly layout: TopicInspection | null;
  readonly warnings: readonly string[];
}

const UNKNOWN_TOPIC = 3;
const NOT_AUTHORISED = 29;
/** Partitions of a topic that Millrace creates without being told a number. */
export const PARTITIONS_OF_NEW_TOPIC = 3;
/** What a broker takes when it does not say: Kafka's own default of `max.message.bytes`. */
export const MESSAGE_BYTES_UNKNOWN = 1_048_588;

/**
 * Looks a topic up and holds it against what was asked for and what the checkpoint recorded; creates it only when told to.
 * A partition count that differs would put keys into other partitions than before, so it stops the start; `keepsPartitions` goes on with
 * the recorded one instead.
 * @throws MillraceError KAFKA_TOPIC_MISSING, KAFKA_TOPIC_UNAUTHORIZED, KAFKA_PARTITION_COUNT, KAFKA_UNREACHABLE
 */
export async function resolveTopic(admin: TopicAdmin, request: TopicRequest): Promise<TopicFacts> {
  let created = false;
  let metadata = await admin.topicMetadata(request.name, request.timeoutMs);
  if (metadata.error === UNKNOWN_TOPIC && request.autoCreate) {
    await admin.createTopic(request.name, request.partitions ?? PARTITIONS_OF_NEW_TOPIC, request.replicationFactor, request.timeoutMs);
    created = true;
    metadata = await untilKnown(admin, request);
  }
  if (metadata.error !== 0) throw topicError(request, metadata.error, metadata.errorName);
  const partitions = partitionsOf(request, metadata.partitions);

  const warnings: string[] = [];
  const [config, layout] = await Promise.all([
    admin.describeTopic(request.name, request.timeoutMs),
    admin.inspectTopic(request.name, request.timeoutMs),
  ]);
  if (config === null) {
    warnings.push(
      `the broker does not tell the configuration of topic ${request.name} (DescribeConfigs is missing or not permitted): ` +
        `messages are limited to ${request.maxMessageBytes ?? MESSAGE_BYTES_UNKNOWN} bytes`,
    );
  }
  const topicLimit = Number(config?.['max.message.bytes'] ?? MESSAGE_BYTES_UNKNOWN);
  return {
    name: request.name,
    partitions,
    maxMessageBytes: Math.min(request.maxMessageBytes ?? topicLimit, config === null ? Number.MAX_SAFE_INTEGER : topicLimit),
    compacted: (config?.['cleanup.policy'] ?? '').includes('compact'),
    created,
    config,
    layout,
    warnings,
  };
}

/** A new topic becomes known to every broker a moment after its creation is answered. */
async function untilKnown(admin: TopicAdmin, request: TopicRequest): ReturnType<TopicAdmin['topicMetadata']> {
  const deadline = performance.now() + request.timeoutMs;
  for (;;) {
    const metadata = await admin.topicMetadata(request.name, request.timeoutMs);
    if (metadata.error !== UNKNOWN_TOPIC || performance.now() >= deadline) return metadata;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The partitions to use of those that there are. */
function partitionsOf(request: TopicRequest, actual: number): number {
  const { recordedPartitions, keepsPartitions } = request;
  if (keepsPartitions && recordedPartitions !== null && recordedPartitions < actual) return recordedPartitions;
  if (request.partitions !== null && request.partitions !== actual) {
    throw new MillraceError(
      'KAFKA_PARTITION_COUNT',
      `topic ${request.name} has ${actual} partitions, MILLRACE_PARTITION_NUM asks for ${request.partitions}: unset it or give ${actual}`,
      { topic: request.name, partitions: actual, asked: request.partitions },
    );
  }
  if (request.recordedPartitions !== null && request.recordedPartitions !== actual) {
    throw new MillraceError(
      'KAFKA_PARTITION_COUNT',
      `topic ${request.name} has ${actual} partitions, the checkpoint was made with ${request.recordedPartitions}: ` +
        `keys would move to other partitions and lose their order. If that is wanted, let consumers drain the topic, then run: millrace position reset`,
      { topic: request.name, partitions: actual, recorded: request.recordedPartitions },
    );
  }
  return actual;
}

/** The command that gives a user all that Millrace asks for on a topic. */
export function grantOf(topic: string): string {
  return grantCommand(['Write', 'Describe', 'DescribeConfigs'], `--topic ${topic}`);
}

/** @param on `--topic NAME` or `--cluster` */
export function grantCommand(operations: readonly string[], on: string): string {
  return `kafka-acls.sh --add --allow-principal User:<name> ${operations.map((operation) => `--operation ${operation}`).join(' ')} ${on}`;
}

function topicError(request: TopicRequest, error: number, errorName: string): MillraceError {
  const details = { topic: request.name, error, errorName };
  if (error === UNKNOWN_TOPIC) {
    return new MillraceError(
      'KAFKA_TOPIC_MISSING',
      `topic ${request.name} does not exist. Create it, for example: kafka-topics.sh --create --bootstrap-server <broker> --topic ${request.name} ` +
        `--partitions ${request.partitions ?? PARTITIONS_OF_NEW_TOPIC} --replication-factor <n>; or set MILLRACE_AUTO_CREATE_TOPIC=true`,
      details,
    );
  }
  if (error === NOT_AUTHORISED) {
    return new MillraceError(
      'KAFKA_TOPIC_UNAUTHORIZED',
      `the Kafka user may not see topic ${request.name}. It needs: ${grantOf(request.name)}`,
      details,
    );
  }
  return new MillraceError('KAFKA_UNREACHABLE', `the broker answered ${errorName} (${error}) for topic ${request.name}`, details);
}
