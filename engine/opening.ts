import { join } from 'node:path';
import { librdkafkaVersion, type NativeEvent } from '../native-bridge/index.ts';
import { toErrorRecord, type ErrorDetails } from './base/errors.ts';
import { positionText } from './change/position.ts';
import { LEASE } from './checkpoint/lease.ts';
import type { CheckpointStore } from './checkpoint/store.ts';
import type { Config, KafkaConfig, LogLevel } from './control/config/config.ts';
import type { CaptureReady } from './control/messages.ts';
import { isTemplate } from './dispatch/topic-name.ts';
import { CredentialWatch } from './produce/credential-watch.ts';
import { credentialFiles } from './produce/credentials.ts';
import { useKerberos } from './produce/kerberos.ts';
import type { MemoryPlan } from './produce/memory.ts';
import { PartitionWatch } from './produce/partition-watch.ts';
import { refusalOf } from './produce/refusal.ts';
import { openSink, type Sink, type SinkOptions } from './produce/sink.ts';
import type { OpenedSource, SourceEvents } from './source/source.ts';

/** Where a changefeed says what happens beside its rows. */
export interface Hooks {
  log(level: LogLevel, message: string, details?: ErrorDetails): void;
  warn(code: string, message: string, details?: ErrorDetails): void;
}

/** The producer, with its topic when there is but one. */
export async function openKafka(config: Config, memory: MemoryPlan, history: PartitionHistory, hooks: Hooks): Promise<Sink> {
  const { kafka } = config;
  useKerberos(
    { properties: kafka.properties, config: kafka.kerberosConfig, directory: join(config.stateDir, config.changefeed) },
    process.env,
  );
  return openSink({
    topic: isTemplate(kafka.topic) ? null : kafka.topic,
    deadLetters: deadLettersOf(kafka),
    autoCreate: kafka.autoCreateTopic,
    partitions: kafka.partitionNum,
    replicationFactor: kafka.replicationFactor,
    recordedPartitions: history.recorded,
    keepsPartitions: history.isRestart,
    maxMessageBytes: kafka.maxMessageBytes,
    credentials: kafka,
    memory,
    pauseLimitMs: config.checkpointTopic === null ? null : LEASE.cutMs,
    stampsPath: config.stampsPath,
    onEvent: (event) => tellEvent(event, hooks),
    onThrottled: (broker, ms) => tellThrottled(broker, ms, hooks),
    onTopic: ({ name, partitions, created, warnings }) => {
      for (const warning of warnings) hooks.warn('TOPIC', warning, { topic: name });
      if (created) hooks.log('info', `created the topic ${name}`, { partitions });
    },
  });
}

function deadLettersOf({ deadLetterTopic }: KafkaConfig): SinkOptions['deadLetters'] {
  if (deadLetterTopic === null) return null;
  return { topic: isTemplate(deadLetterTopic) ? null : deadLetterTopic };
}

/** Partition counts as the checkpoint has them, by topic, and whether they are to be kept although topics have grown meanwhile. */
export interface PartitionHistory {
  readonly recorded: Readonly<Record<string, number>>;
  readonly isRestart: boolean;
}

/** Looks for partitions that are added to the sink's topics, until the function that it returns is called. */
export function watchPartitions(sink: Sink, hooks: Hooks): () => void {
  const watch = new PartitionWatch({
    topics: sink.topics.all,
    // What partition a dead letter lies in means nothing.
    count: async (topic) => (sink.topics.find(topic, true) !== null ? 0 : await sink.partitionsNow(topic)),
    warn: (message, topic) => hooks.warn('TOPIC', message, { topic }),
  });
  const timer = setInterval(() => void watch.look(), PARTITION_WATCH_MS);
  return () => clearInterval(timer);
}

/** How often the broker is asked. */
const PARTITION_WATCH_MS = 10_000;

/** Takes credentials whose files are replaced, until the function that it returns is called. */
export function watchCredentials(config: Config, sink: Sink, store: CheckpointStore, hooks: Hooks): () => void {
  const files = credentialFiles(config.kafka);
  let isOver = false;
  const apply = async (changed: readonly string[]): Promise<void> => {
    try {
      await sink.renewCredentials(changed);
      await store.renewCredentials(changed);
      hooks.log('info', 'logging in to Kafka with new credentials from now on', { files: changed.join(', ') });
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      if (!isOver) hooks.warn(code, `new credentials are not used: ${message}`, { files: changed.join(', ') });
      throw error;
    }
  };
  const watch = new CredentialWatch({ files, apply, now: () => performance.now() });
  void watch.look();
  const timer = files.length === 0 ? undefined : setInterval(() => void watch.look(), CREDENTIAL_WATCH_MS);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** How often files of credentials are looked at. */
const CREDENTIAL_WATCH_MS = 2_000;

/** librdkafka mends what it reports beside deliveries; fatal errors end the changefeed elsewhere. */
function tellEvent(event: NativeEvent, hooks: Hooks): void {
  if (event.kind === 'error') hooks.warn(refusalOf([event])?.code ?? 'KAFKA', `${event.message} (${event.name})`, { error: event.code });
  if (event.kind !== 'log') return;
  const isForOperators = event.level <= SYSLOG_WARNING && !event.message.includes(OUR_EXPERIMENTAL_PROPERTY);
  hooks.log(isForOperators ? 'warn' : 'debug', `librdkafka: ${event.message}`, { facility: event.facility });
}

function tellThrottled(broker: string, ms: number, hooks: Hooks): void {
  const message =
    `a quota of the brokers holds Millrace back: ${broker} did so for ${ms} ms now. Rows come later and none is lost; ` +
    'raise producer_byte_rate or request_percentage of its user or client id (kafka-configs.sh) if it is to keep up';
  hooks.warn('KAFKA_THROTTLED', message, { broker, ms });
}

const SYSLOG_WARNING = 4;
/** librdkafka warns of it at each start, and it is our choice, not the operator's. */
const OUR_EXPERIMENTAL_PROPERTY = 'enable.gapless.guarantee';

/** What a source tells, as a changefeed tells it. */
export function eventsOf(hooks: Hooks): SourceEvents {
  return {
    warn: (code, message, details) => hooks.warn(code, message, details),
    info: (message, details) => hooks.log('info', message, details),
  };
}

/** What was opened, for whoever watches. */
export function readyOf(sink: Sink, opened: OpenedSource): CaptureReady {
  const { stream } = opened;
  return {
    position: stream === null ? null : positionText(stream.position),
    slotCreated: opened.binding.kind === 'postgres' && stream?.isNew === true,
    sourceInstance: opened.instance,
    sourceVersion: opened.version,
    kafkaCluster: sink.topics.clusterId,
    librdkafkaVersion: librdkafkaVersion(),
    tables: opened.tables.length,
  };
}
