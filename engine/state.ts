import { hostname, tmpdir } from 'node:os';
import { lockFile } from '../native-bridge/index.ts';
import { MillraceError } from './base/errors.ts';
import { judgeCheckpointTopic } from './check/checkpoint-topic.ts';
import { readCheckpoint } from './checkpoint/copies.ts';
import { openFileStore, type FileStoreOptions } from './checkpoint/file-store.ts';
import type { Owner } from './checkpoint/owner.ts';
import type { CheckpointRecord } from './checkpoint/record.ts';
import { createStateDirectory } from './checkpoint/state-directory.ts';
import type { CheckpointStore } from './checkpoint/store.ts';
import { TopicLog } from './checkpoint/topic-log.ts';
import { openTopicStore, type TopicStore, type TopicStoreOptions } from './checkpoint/topic-store.ts';
import type { Config } from './control/config/config.ts';
import type { Hooks } from './opening.ts';
import { openCheckpointTopic, type CheckpointTopic } from './produce/checkpoint-topic.ts';
import { useKerberos } from './produce/kerberos.ts';

/** What a state directory is opened with. */
export function fileOptionsOf({ stateDir, changefeed }: Pick<Config, 'stateDir' | 'changefeed'>): FileStoreOptions {
  return { root: stateDir, changefeed, lock: lockFile, now: () => Date.now() };
}

/** The checkpoint of this changefeed, owned. */
export async function openState(config: Config, hooks: Hooks): Promise<CheckpointStore> {
  const { checkpointTopic } = config;
  const store =
    checkpointTopic === null
      ? await openFileStore(fileOptionsOf(config))
      : await openTopicState(config, checkpointTopic, { file: 'refuse' }, hooks);
  for (const { message, details } of store.warnings) hooks.warn('STATE_DAMAGED', message, details);
  return store;
}

/** The checkpoint in a topic, owned; the topic is created where it is missing. */
export async function openTopicState(
  config: Config,
  name: string,
  how: Pick<TopicStoreOptions, 'file' | 'discardsUnreadable'>,
  hooks: Pick<Hooks, 'log' | 'warn'>,
): Promise<TopicStore> {
  // For the tickets of Kerberos, before anybody logs in.
  const directory = await createStateDirectory(config.stateDir, config.changefeed);
  const topic = await openTopic(config, name, 'write', directory);
  if (topic.facts.created) hooks.log('info', `created the topic ${name} for checkpoints`, { topic: name });
  try {
    for (const warning of judgeCheckpointTopic(topic.facts, config.kafka)) hooks.warn('TOPIC', warning, { topic: name });
  } catch (error) {
    await topic.close();
    throw error;
  }
  return await openTopicStore({ ...fileOptionsOf(config), ...how, topic, host: hostname() });
}

/** A checkpoint that was only read. */
export interface ReadState {
  /** Null when nothing was ever stored. */
  readonly record: CheckpointRecord | null;
  /** What could not be trusted beside it, a sentence each. */
  readonly damage: readonly string[];
  /** Whoever the topic names as its owner; null for none, and for a file. */
  readonly owner: Owner | null;
}

/**
 * Reads the checkpoint of a changefeed where it is kept, without owning it.
 * @throws MillraceError of the state's codes; of Kafka's for a topic
 */
export async function readState(
  config: Config | (Pick<Config, 'stateDir' | 'changefeed'> & { readonly checkpointTopic: null }),
): Promise<ReadState> {
  const { stateDir, changefeed } = config;
  if (config.checkpointTopic !== null) return await readTopicState(config, config.checkpointTopic);
  const { record, damaged } = await readCheckpoint(stateDir, changefeed);
  return { record, damage: damaged.map((name) => `the copy ${name} of the checkpoint is damaged; the other one is shown`), owner: null };
}

async function readTopicState(config: Config, name: string): Promise<ReadState> {
  const topic = await openTopic(config, name, 'read', tmpdir()).catch(nullIfMissing);
  if (topic === null) return { record: null, damage: [], owner: null };
  try {
    const log = new TopicLog(topic, config.changefeed);
    await log.read('stable');
    return { damage: log.damage(), record: log.record, owner: log.owner };
  } finally {
    await topic.close();
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof MillraceError && error.code === 'KAFKA_TOPIC_MISSING') return null;
  throw error;
}

/** @param directory for the tickets of Kerberos */
async function openTopic(config: Config, name: string, access: 'read' | 'write', directory: string): Promise<CheckpointTopic> {
  const { kafka, changefeed } = config;
  useKerberos({ properties: kafka.properties, config: kafka.kerberosConfig, directory }, process.env);
  return await openCheckpointTopic({ name, changefeed, replicationFactor: kafka.replicationFactor, credentials: kafka, access });
}
