import type { AdvertisedBroker, TopicInspection } from '../../native-bridge/admin.ts';
import { shell, words } from '../base/remedy.ts';
import type { Config } from '../control/config/config.ts';
import { isTemplate } from '../dispatch/topic-name.ts';
import type { TopicFacts } from '../produce/topics.ts';
import { allowCommand, alterTopicCommand, principalOf, reassignCommand } from './kafka-commands.ts';
import type { SinkStep } from './step-names.ts';
import type { Steps } from './steps.ts';
import { bytesText } from './text.ts';

type SinkSteps = Steps<SinkStep>;

/** A topic that is there, and what it is held against. */
export interface TopicRequest {
  readonly facts: TopicFacts;
  readonly config: Config;
  readonly brokers: readonly AdvertisedBroker[];
  /** Largest message that the memory budget allows. */
  readonly memoryBytes: number;
}

/** Replicas that outlive the loss of a broker while another is restarted. */
const REPLICAS_WANTED = 3;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** librdkafka's own `batch.size`. */
const BATCH_BYTES = 1_000_000;

/** What a start needs of a topic, without which no message can be written. */
export function tellWritable({ facts, config }: Pick<TopicRequest, 'facts' | 'config'>, steps: SinkSteps): void {
  const { name, partitions, layout } = facts;
  const settings = facts.config;
  const unknown = 'the broker does not tell: it is older than Kafka 2.3, or the user may not ask';
  if (layout === null) {
    steps.pass('partitions', String(partitions), name);
    for (const step of ['min_insync_replicas', 'write_permission'] as const) steps.skip(step, unknown, name);
    return;
  }
  tellLeaders(facts, layout, steps);
  if (settings === null) steps.skip('min_insync_replicas', NOT_TOLD, name);
  else tellInSync(name, layout, Number(settings['min.insync.replicas']), config, steps);
  const { operations } = layout;
  if (operations === null) return steps.skip('write_permission', unknown, name);
  if (operations.includes('Write')) return steps.pass('write_permission', operations.join(', '), name);
  const found = `the user may ${operations.join(', ')} and not Write`;
  steps.fail('write_permission', 'KAFKA_TOPIC_UNAUTHORIZED', found, [shell(allowTopic(config, name))], name);
}

/** What Millrace does with a topic. */
export function allowTopic({ kafka }: Config, topic: string): string {
  return allowCommand(kafka, principalOf(kafka.properties), ['Write', 'Describe', 'DescribeConfigs'], `--topic ${topic}`);
}

const NOT_TOLD = 'the broker does not tell the configuration of the topic';

function tellLeaders({ name, partitions }: TopicFacts, { leaderless: lost }: TopicInspection, steps: SinkSteps): void {
  if (lost === 0) return steps.pass('partitions', String(partitions), name);
  const found = `${lost} of ${partitions} have no leader: nothing can be written to them`;
  steps.fail('partitions', 'KAFKA_TOPIC_UNWRITABLE', found, [words('bring back the brokers that hold them')], name);
}

function tellInSync(name: string, { replicas, inSync }: TopicInspection, least: number, { kafka }: Config, steps: SinkSteps): void {
  const set = (value: number) => shell(alterTopicCommand(kafka, name, 'min.insync.replicas', value));
  if (least > replicas) {
    const found = `${least}, and the topic has ${replicas} replicas: no message is ever acknowledged`;
    return steps.fail('min_insync_replicas', 'KAFKA_TOPIC_UNWRITABLE', found, [set(Math.max(1, replicas - 1))], name);
  }
  if (least > inSync) {
    const found = `${least}, and ${inSync} of ${replicas} replicas are in sync: no message is acknowledged now`;
    const remedies = [words('bring back the brokers that are down')];
    return steps.fail('min_insync_replicas', 'KAFKA_TOPIC_UNWRITABLE', found, remedies, name);
  }
  if (least === 1 && replicas > 1) {
    const found = `1 of ${replicas} replicas: a message is acknowledged that one broker alone has, and lost with it`;
    return steps.warn('min_insync_replicas', found, [set(2)], name);
  }
  steps.pass('min_insync_replicas', `${least} of ${replicas} replicas`, name);
}

/** What messages become in the topic once they are written. */
export function tellKeeping(request: TopicRequest, steps: SinkSteps): void {
  const { facts, config } = request;
  tellReplicas(request, steps);
  if (facts.config === null) {
    steps.skip('retention', NOT_TOLD, facts.name);
    const limit = `the limit of a message is taken for ${bytesText(facts.maxMessageBytes)}: ${NOT_TOLD}`;
    return steps.warn('message_size', limit, [shell(allowTopic(config, facts.name))], facts.name);
  }
  tellRetention(request, facts.config, steps);
  tellMessageSize(request, facts.config, steps);
}

function tellReplicas({ facts, config, brokers }: TopicRequest, steps: SinkSteps): void {
  const { name, partitions, layout } = facts;
  if (layout === null) return steps.skip('replication_factor', 'the broker does not tell', name);
  if (layout.replicas > 1) return steps.pass('replication_factor', String(layout.replicas), name);
  const ids = brokers.map(({ id }) => id).toSorted((a, b) => a - b);
  const wanted = Math.min(REPLICAS_WANTED, ids.length);
  const found = '1: messages are lost with the broker that has them';
  if (wanted === 1) return steps.warn('replication_factor', found, [words('add brokers to the cluster')], name);
  steps.warn('replication_factor', found, [shell(reassignCommand(config.kafka, name, partitions, ids, wanted))], name);
}

function tellRetention({ facts, config }: TopicRequest, settings: Readonly<Record<string, string>>, steps: SinkSteps): void {
  const { name } = facts;
  const ms = Number(settings['retention.ms']);
  const bytes = Number(settings['retention.bytes']);
  if (!(settings['cleanup.policy'] ?? 'delete').includes('delete')) {
    return steps.pass('retention', 'compacted: the latest message of each key stays', name);
  }
  if (ms >= 0 && ms < DAY_MS) {
    const found = `${ms / 3_600_000} h: a consumer that is away for longer loses messages`;
    return steps.warn('retention', found, [shell(alterTopicCommand(config.kafka, name, 'retention.ms', WEEK_MS))], name);
  }
  const size = bytes < 0 ? '' : `, and at most ${bytesText(bytes)} of a partition`;
  steps.pass('retention', `${ms < 0 ? 'unlimited' : `${Number((ms / DAY_MS).toFixed(1))} days`}${size}`, name);
}

function tellMessageSize({ facts, config, memoryBytes }: TopicRequest, settings: Readonly<Record<string, string>>, steps: SinkSteps): void {
  const { name } = facts;
  const { kafka } = config;
  const limit = Number(settings['max.message.bytes']);
  const raise = (bytes: number) => shell(alterTopicCommand(kafka, name, 'max.message.bytes', bytes));
  const batch = Number(kafka.properties['batch.size'] ?? BATCH_BYTES);
  if (isTemplate(kafka.topic) && batch > limit) {
    const found = `max.message.bytes is ${limit}, and batches of ${batch} bytes are sent: the broker would refuse them`;
    return steps.fail('message_size', 'KAFKA_CONFIG_INVALID', found, [words(`set MILLRACE_BATCH_BYTES=${limit}`)], name);
  }
  if (kafka.maxMessageBytes !== null && kafka.maxMessageBytes > limit) {
    const found = `max.message.bytes is ${limit}: MILLRACE_MAX_MESSAGE_BYTES=${kafka.maxMessageBytes} cannot be had`;
    return steps.warn('message_size', found, [raise(kafka.maxMessageBytes)], name);
  }
  if (facts.maxMessageBytes > memoryBytes) {
    const found = `the topic takes ${facts.maxMessageBytes} bytes, and MILLRACE_MEMORY allows ${memoryBytes}`;
    const wanted = words(`set MILLRACE_MEMORY to ${Math.ceil((facts.maxMessageBytes * 4) / 1_000_000) + 1}MB if rows are so large`);
    return steps.warn('message_size', found, [wanted], name);
  }
  steps.pass('message_size', `at most ${facts.maxMessageBytes} bytes`, name);
}
