import { MillraceError } from '../base/errors.ts';
import { shell, words, type Remedy } from '../base/remedy.ts';
import type { KafkaConfig } from '../control/config/config.ts';
import type { TopicFacts } from '../produce/topics.ts';
import { allowCommand, alterTopicCommand, principalOf } from './kafka-commands.ts';
import { SINK_STEPS, type SinkStep } from './step-names.ts';
import { Steps } from './steps.ts';

/** A start reads the segment that is being written: larger ones make it slow. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;
const SEGMENT_BYTES = 16 * 1024 * 1024;
/** What an owner does with the topic. */
const OPERATIONS = ['Read', 'Write', 'Describe', 'DescribeConfigs'];

/** The kinds of access that the topic of checkpoints needs, as a command that grants them. */
export function allowCheckpoints(kafka: KafkaConfig, topic: string): string {
  return allowCommand(kafka, principalOf(kafka.properties), OPERATIONS, `--topic ${topic}`);
}

/** Holds a topic against what keeps a checkpoint in it: a step for each thing that is wrong, one that passes when nothing is. */
export function tellCheckpointTopic(facts: TopicFacts, kafka: KafkaConfig, steps: Steps<SinkStep>): void {
  const { name, partitions, config, layout } = facts;
  const fail = (found: string, remedy: Remedy) => steps.fail('checkpoint_topic', 'CHECKPOINT_TOPIC_UNFIT', found, [remedy], name);
  const alter = (setting: string, value: string | number) => shell(alterTopicCommand(kafka, name, setting, value));
  if (partitions !== 1) {
    const remedy = words('name another topic in MILLRACE_CHECKPOINT_TOPIC, which Millrace then creates');
    fail(`it has ${partitions} partitions: a checkpoint is in order in a topic of one`, remedy);
  }
  if (config === null) {
    const found = 'the broker does not tell its configuration: whether it is compacted, so that it keeps the checkpoint, is not known';
    steps.warn('checkpoint_topic', found, [shell(allowCheckpoints(kafka, name))], name);
  } else {
    const policy = config['cleanup.policy'] ?? '';
    if (policy !== 'compact') {
      fail(`cleanup.policy is ${policy}: the checkpoint would be deleted with age`, alter('cleanup.policy', 'compact'));
    }
    if (Number(config['segment.bytes']) > SEGMENT_BYTES_MAX) {
      const found = `segment.bytes is ${config['segment.bytes']}: that much is read at each start, because only older segments are compacted`;
      steps.warn('checkpoint_topic', found, [alter('segment.bytes', SEGMENT_BYTES)], name);
    }
  }
  if (layout !== null) tellInSync(name, layout.replicas, config?.['min.insync.replicas'], kafka, steps);
  const operations = layout?.operations ?? OPERATIONS;
  if (!operations.includes('Read') || !operations.includes('Write')) {
    const missing = OPERATIONS.filter((operation) => !operations.includes(operation));
    const found = `the user may ${operations.join(', ')} and not ${missing.join(', ')}`;
    steps.fail('checkpoint_topic', 'KAFKA_TOPIC_UNAUTHORIZED', found, [shell(allowCheckpoints(kafka, name))], name);
  }
  if (!steps.has('checkpoint_topic')) steps.pass('checkpoint_topic', 'compacted, one partition', name);
}

function tellInSync(name: string, replicas: number, setting: string | undefined, kafka: KafkaConfig, steps: Steps<SinkStep>): void {
  if (setting === undefined) return;
  const least = Number(setting);
  const set = (value: number) => [shell(alterTopicCommand(kafka, name, 'min.insync.replicas', value))];
  if (least > replicas) {
    const found = `min.insync.replicas is ${least}, and it has ${replicas} replicas: no checkpoint is ever acknowledged`;
    steps.fail('checkpoint_topic', 'KAFKA_TOPIC_UNWRITABLE', found, set(Math.max(1, replicas - 1)), name);
  } else if (least === 1 && replicas > 1) {
    const found = `min.insync.replicas is 1 of ${replicas} replicas: a checkpoint can be lost with the one broker that has it`;
    steps.warn('checkpoint_topic', found, set(2), name);
  }
}

/**
 * The same at each start.
 * @returns warnings
 * @throws MillraceError CHECKPOINT_TOPIC_UNFIT, KAFKA_TOPIC_UNAUTHORIZED, KAFKA_TOPIC_UNWRITABLE
 */
export function judgeCheckpointTopic(facts: TopicFacts, kafka: KafkaConfig): string[] {
  const steps = new Steps<SinkStep>('sink', SINK_STEPS);
  tellCheckpointTopic(facts, kafka, steps);
  const told = steps.taken.map(({ state, code, found, remedies }) => {
    const message = `topic ${facts.name}, for checkpoints: ${found}. ${remedies.map(({ text }) => text).join('; ')}`;
    if (state === 'fail' && code !== null) throw new MillraceError(code, message, { topic: facts.name });
    return state === 'warn' ? message : null;
  });
  return told.filter((message) => message !== null);
}
