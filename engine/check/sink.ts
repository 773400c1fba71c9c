import { tmpdir } from 'node:os';
import { clusterOperations, type AdvertisedBroker } from '../../native-bridge/admin.ts';
import { close, type ProducerHandle } from '../../native-bridge/index.ts';
import { MillraceError, toErrorRecord } from '../base/errors.ts';
import { shell, words } from '../base/remedy.ts';
import type { Config } from '../control/config/config.ts';
import { namesTable } from '../dispatch/key.ts';
import { judgeRoutes, type RoutedTable } from '../dispatch/topic-keys.ts';
import { isTemplate, topicNames } from '../dispatch/topic-name.ts';
import { DeliveryTable } from '../produce/delivery.ts';
import { useKerberos } from '../produce/kerberos.ts';
import { planMemory } from '../produce/memory.ts';
import { ANY_TOPIC, askForTopic } from '../produce/sink-topics.ts';
import { openClient } from '../produce/sink.ts';
import { PARTITIONS_OF_NEW_TOPIC, type TopicFacts } from '../produce/topics.ts';
import { allowCheckpoints, tellCheckpointTopic } from './checkpoint-topic.ts';
import { allowCommand, alterTopicCommand, createTopicCommand, principalOf } from './kafka-commands.ts';
import { logIn, reachBootstrap, tellListeners } from './sink-connection.ts';
import { letterTopics, ofLetters, tellLetters } from './letter-topics.ts';
import type { SourceReport } from './source.ts';
import { SINK_STEPS, type SinkStep } from './step-names.ts';
import { Steps, type Step } from './steps.ts';
import { allowTopic, tellKeeping, tellWritable } from './topic-steps.ts';

export interface SinkRequest {
  readonly config: Config;
  /** Null when the database was not looked at, or could not be. */
  readonly tables: SourceReport['tables'];
  /** Partition counts that the checkpoint recorded, by topic. */
  readonly recordedPartitions: Readonly<Record<string, number>>;
}

/** How long an end waits for librdkafka's threads. */
const CLOSE_MS = 5_000;
const ADMIN_MS = 5_000;

/**
 * Looks at everything that an export to Kafka depends on, and changes nothing there: no topic, no record.
 * @throws MillraceError `KAFKA_CONFIG_INVALID`, `KAFKA_CREDENTIALS_INVALID`, `KAFKA_KERBEROS_MISSING`, `MEMORY_BUDGET_TOO_SMALL`
 */
export async function checkSink(request: SinkRequest): Promise<readonly Step[]> {
  const steps = new Steps('sink', SINK_STEPS);
  const { kafka } = request.config;
  // What cannot be configured so is told before anything is connected to.
  const { memoryBytes, workers } = request.config;
  const memory = planMemory(memoryBytes, workers, kafka.bufferMemoryBytes);
  let why: string | null = null;
  useKerberos({ properties: kafka.properties, config: kafka.kerberosConfig, directory: tmpdir() }, process.env);
  const client = openClient(kafka, (properties) => properties, new DeliveryTable(), null);
  try {
    if (await reachBootstrap(kafka, steps)) why = await inspect(client, request, memory.largeBytes, steps);
  } finally {
    await close(client, CLOSE_MS);
  }
  return steps.end(why);
}

/** Resolves with why steps were not taken, where it is not for a failure. */
async function inspect(client: ProducerHandle, request: SinkRequest, memoryBytes: number, steps: Steps<SinkStep>): Promise<string | null> {
  const brokers = await logIn(client, request.config.kafka, steps);
  if (brokers === null || !(await tellListeners(brokers, steps))) return null;
  await tellCheckpoints(client, request.config, steps);
  if (request.tables === null && isTemplate(request.config.kafka.topic)) {
    return `which topics ${request.config.kafka.topic} stands for is known only with the tables: check both sides`;
  }
  const routes = routesOf(request, steps);
  if (routes === null) return null;
  const found = new Map<string, TopicFacts>();
  for (const name of new Set(routes.flatMap(({ topics }) => topics))) {
    const facts = await lookAt(client, name, brokers, request, steps);
    if (facts === null) continue;
    found.set(name, facts);
    const topic = { facts, config: request.config, brokers, memoryBytes };
    tellWritable(topic, steps);
    tellKeeping(topic, steps);
  }
  for (const name of letterTopics(request.config, request.tables)) {
    const facts = await lookAt(client, name, brokers, { ...request, config: ofLetters(request.config), recordedPartitions: {} }, steps);
    if (facts === null) continue;
    tellWritable({ facts, config: request.config }, steps);
    tellLetters(facts, request.config, steps);
  }
  tellCleanup(routes, found, request, steps);
  return found.size === 0 ? 'there is no topic to look at' : null;
}

/** The topic of the checkpoint, where it is in one. */
async function tellCheckpoints(client: ProducerHandle, { checkpointTopic, kafka }: Config, steps: Steps<SinkStep>): Promise<void> {
  if (checkpointTopic === null) return steps.skip('checkpoint_topic', 'the checkpoint is in the state directory');
  try {
    const { facts } = await askForTopic(client, checkpointTopic, { ...ANY_TOPIC, autoCreate: false });
    tellCheckpointTopic(facts, kafka, steps);
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    if (code === 'KAFKA_TOPIC_MISSING') {
      const made = 'it does not exist yet: Millrace creates it, compacted, with one partition';
      return await tellCreation(client, made, { name: checkpointTopic, step: 'checkpoint_topic' }, kafka, steps);
    }
    const remedies = [shell(allowCheckpoints(kafka, checkpointTopic))];
    steps.fail('checkpoint_topic', code, message, code === 'KAFKA_TOPIC_UNAUTHORIZED' ? remedies : [], checkpointTopic);
  }
}

/** A table, and the names of the topics that its rows go to. */
interface Route extends Omit<RoutedTable, 'topics'> {
  readonly topics: readonly string[];
}

/** Which topics there are to be looked at; null when a table has none. */
function routesOf({ config, tables }: SinkRequest, steps: Steps<SinkStep>): readonly Route[] | null {
  const template = config.kafka.topic;
  if (tables === null) return [{ schema: '', table: '', isKeyed: true, topics: [template] }];
  try {
    return tables.map((table) => ({ ...table, topics: topicNames(template, table) }));
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    steps.fail('topic', code, message, [words('change MILLRACE_TOPIC or MILLRACE_TABLES as the message says')]);
    return null;
  }
}

/** The topic as it is; null when it is not there, or not as it must be. */
async function lookAt(
  client: ProducerHandle,
  name: string,
  brokers: readonly AdvertisedBroker[],
  { config, recordedPartitions }: SinkRequest,
  steps: Steps<SinkStep>,
): Promise<TopicFacts | null> {
  const { kafka } = config;
  const options = {
    autoCreate: false,
    partitions: kafka.partitionNum,
    replicationFactor: kafka.replicationFactor,
    recordedPartitions,
    keepsPartitions: false,
    maxMessageBytes: kafka.maxMessageBytes,
    onTopic: () => undefined,
  };
  try {
    const { facts } = await askForTopic(client, name, options);
    steps.pass('topic', 'there', name);
    return facts;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    await tellAbsence(client, name, error, brokers, config, steps);
    return null;
  }
}

async function tellAbsence(
  client: ProducerHandle,
  name: string,
  { code, message }: MillraceError,
  brokers: readonly AdvertisedBroker[],
  config: Config,
  steps: Steps<SinkStep>,
): Promise<void> {
  const { kafka } = config;
  if (code === 'KAFKA_PARTITION_COUNT') {
    steps.pass('topic', 'there', name);
    const remedies = message.includes('MILLRACE_PARTITION_NUM')
      ? [words('leave MILLRACE_PARTITION_NUM out, or give the number that the topic has')]
      : [words('let the consumers drain the topic, then:'), shell('millrace position reset')];
    return steps.fail('partitions', code, message, remedies, name);
  }
  if (code === 'KAFKA_TOPIC_UNAUTHORIZED')
    return steps.fail('topic', code, 'the user may not see it', [shell(allowTopic(config, name))], name);
  if (code !== 'KAFKA_TOPIC_MISSING') return steps.fail('topic', code, message, [words('mend what the message names')], name);
  const partitions = kafka.partitionNum ?? PARTITIONS_OF_NEW_TOPIC;
  if (!kafka.autoCreateTopic) {
    const replicas = kafka.replicationFactor ?? Math.min(3, brokers.length);
    return steps.fail('topic', code, 'it does not exist', [shell(createTopicCommand(kafka, name, partitions, replicas))], name);
  }
  const made = `it does not exist yet: Millrace creates it with ${partitions} partitions`;
  await tellCreation(client, made, { name, step: 'topic' }, kafka, steps);
}

/** Whether the user may create a topic that is missing. */
async function tellCreation(
  client: ProducerHandle,
  made: string,
  { name, step }: { readonly name: string; readonly step: SinkStep },
  kafka: Config['kafka'],
  steps: Steps<SinkStep>,
): Promise<void> {
  const operations = await clusterOperations(client, ADMIN_MS);
  if (operations === null || operations.includes('Create')) return steps.pass(step, made, name);
  const found = `${made}, and the user may not create topics in the cluster (an ACL on the topic's name may allow it all the same)`;
  steps.warn(step, found, [shell(allowCommand(kafka, principalOf(kafka.properties), ['Create'], '--cluster'))], name);
}

/** What compaction and a shared topic do to the tables. */
function tellCleanup(routes: readonly Route[], found: ReadonlyMap<string, TopicFacts>, request: SinkRequest, steps: Steps<SinkStep>): void {
  const { config, tables } = request;
  const naming = { inKey: namesTable(config.kafka.keyFormat), inValue: config.format.format === 'maxwell' };
  for (const [name, facts] of found) {
    if (facts.config === null) {
      steps.skip('cleanup_policy', 'the broker does not tell the configuration of the topic', name);
      continue;
    }
    const policy = facts.config['cleanup.policy'] ?? '';
    if (tables === null) {
      if (!facts.compacted) steps.pass('cleanup_policy', policy, name);
      else steps.warn('cleanup_policy', `${policy}: takes tables with keys only, which are known when both sides are checked`, [], name);
      continue;
    }
    const sharing = routes.filter(({ topics }) => topics.includes(name)).map((route) => ({ ...route, topics: [facts] }));
    try {
      const warnings = judgeRoutes(sharing, naming);
      const remedies = [
        words('give each table a topic of its own (MILLRACE_TOPIC with %{table}), or set MILLRACE_KEY_FORMAT=table_primary_key'),
      ];
      for (const warning of warnings) steps.warn('cleanup_policy', `${policy}; ${warning}`, remedies, name);
      if (warnings.length === 0) steps.pass('cleanup_policy', policy, name);
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      steps.fail('cleanup_policy', code, message, [shell(alterTopicCommand(config.kafka, name, 'cleanup.policy', 'delete'))], name);
    }
  }
}
