import { errorText } from '../../native-bridge/index.ts';
import { type ErrorDetails, MillraceError } from '../base/errors.ts';
import type { CredentialSources } from './credentials.ts';
import { grantCommand } from './topics.ts';

export interface CheckpointTopicOptions {
  readonly name: string;
  readonly changefeed: string;
  /** Null for the broker's default. */
  readonly replicationFactor: number | null;
  readonly credentials: CredentialSources;
  /** Who only reads creates nothing and fences nobody. */
  readonly access: 'read' | 'write';
}

/** What a topic is created with that is to hold checkpoints. */
const CONFIG = {
  'cleanup.policy': 'compact',
  // Only what lies behind the newest segment is compacted, and a start reads all of it.
  'segment.bytes': '16777216',
  'segment.ms': '3600000',
  'min.cleanable.dirty.ratio': '0.1',
} as const;

const MSG_SIZE_TOO_LARGE = 10;
const TOPIC_AUTHORIZATION_FAILED = 29;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;

/** The transactional id of a changefeed's writer. */
export function transactionalId(topic: string, changefeed: string): string {
  return `${topic}.${changefeed}`;
}

/** The settings of the topic when Millrace creates it. */
export function creationOf(replicationFactor: number | null): { partitions: number; config: Record<string, string> } {
  // What one broker alone of three has is lost with it. Fewer replicas have the broker's own setting.
  const inSync = replicationFactor !== null && replicationFactor >= 3 ? { 'min.insync.replicas': '2' } : {};
  return { partitions: 1, config: { ...CONFIG, ...inSync } };
}

/** The error for a topic that cannot be opened, as it is to be known of the topic of checkpoints. */
export function namedRefusal(error: unknown, options: CheckpointTopicOptions): unknown {
  if (!(error instanceof MillraceError)) return error;
  if (error.code === 'KAFKA_TOPIC_UNAUTHORIZED') return topicUnauthorised(options.name, error.details);
  if (error.code !== 'KAFKA_TOPIC_CREATE') return error;
  return new MillraceError(error.code, `${error.message}. Create it: ${createCommand(options)}`, error.details, { cause: error });
}

/**
 * What a transaction failed of, as the user is to know it.
 * @param reported librdkafka's code of the first record that failed; 0 for none
 */
export function namedFailure(
  error: unknown,
  reported: number,
  values: Readonly<Record<string, string>>,
  options: CheckpointTopicOptions,
): unknown {
  if (!(error instanceof MillraceError) || error.code === 'PRODUCER_FENCED') return error;
  const { name } = options;
  const code = reported === 0 ? Number(error.details['librdkafkaCode'] ?? 0) : reported;
  const details = { topic: name, error: code };
  if (code === MSG_SIZE_TOO_LARGE) return tooLarge(values, options, details);
  if (code === TOPIC_AUTHORIZATION_FAILED) return topicUnauthorised(name, details);
  if (code === TRANSACTIONAL_ID_AUTHORIZATION_FAILED) return idUnauthorised(options, details);
  const why = reported === 0 ? '' : `; ${errorText(reported)}`;
  const message = `topic ${name} did not take the checkpoint: ${error.message}${why}`;
  return new MillraceError(error.code, message, { ...error.details, ...details }, { cause: error });
}

function tooLarge(values: Readonly<Record<string, string>>, options: CheckpointTopicOptions, details: ErrorDetails): MillraceError {
  const bytes = Object.values(values).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const wanted = Math.ceil(bytes / 1_000_000 + 1) * 1_000_000;
  const message =
    `the checkpoint has ${bytes} bytes, more than topic ${options.name} takes. Run: kafka-configs.sh ` +
    `--bootstrap-server ${serversOf(options)} --alter --topic ${options.name} --add-config max.message.bytes=${wanted}`;
  return new MillraceError('CHECKPOINT_TOPIC_UNFIT', message, { ...details, bytes });
}

/** Makes the topic as Millrace does. */
function createCommand(options: CheckpointTopicOptions): string {
  const { name, replicationFactor } = options;
  const settings = creationOf(replicationFactor).config;
  const replicas = replicationFactor === null ? '' : ` --replication-factor ${replicationFactor}`;
  const config = Object.entries(settings).map(([setting, value]) => ` --config ${setting}=${value}`);
  return `kafka-topics.sh --bootstrap-server ${serversOf(options)} --create --topic ${name} --partitions 1${replicas}${config.join('')}`;
}

function serversOf({ credentials }: CheckpointTopicOptions): string {
  return credentials.properties['bootstrap.servers'] ?? '<broker>';
}

function topicUnauthorised(name: string, details: ErrorDetails): MillraceError {
  const grant = grantCommand(['Read', 'Write', 'Describe', 'DescribeConfigs'], `--topic ${name}`);
  const message = `the Kafka user may not read or write topic ${name}, which holds the checkpoint. It needs: ${grant}`;
  return new MillraceError('KAFKA_TOPIC_UNAUTHORIZED', message, details);
}

function idUnauthorised({ name, changefeed }: CheckpointTopicOptions, details: ErrorDetails): MillraceError {
  const id = transactionalId(name, changefeed);
  const grant = grantCommand(['Write'], `--transactional-id ${id}`);
  const message = `the Kafka user may not use the transactional id ${id}, which keeps other writers from the checkpoint. It needs: ${grant}`;
  return new MillraceError('KAFKA_TRANSACTION_UNAUTHORIZED', message, details);
}
