/**
 * What the cluster says of topics, asked with a producer's own handle through librdkafka's admin calls.
 */
import { binding, fromNative } from './binding.ts';

export interface TopicMetadata {
  /** librdkafka's code of the topic's own error; 0 when there is none, 3 for a topic that does not exist. */
  readonly error: number;
  readonly errorName: string;
  readonly partitions: number;
  /** Null when the broker does not tell. */
  readonly clusterId: string | null;
}

/** Rejects with KAFKA_UNREACHABLE when no broker answers within `timeoutMs`. */
export async function topicMetadata(handle: number, topic: string, timeoutMs: number): Promise<TopicMetadata> {
  const found = await settled(binding.topicMetadata(handle, topic, timeoutMs));
  return {
    error: Number(found.error),
    errorName: found.errorName ?? '',
    partitions: Number(found.partitions),
    clusterId: found.clusterId === '' ? null : (found.clusterId ?? null),
  };
}

/** The topic's configuration; null when the broker cannot tell it or the user may not ask. Rejects with KAFKA_UNREACHABLE. */
export async function describeTopic(handle: number, topic: string, timeoutMs: number): Promise<Readonly<Record<string, string>> | null> {
  const config = await settled(binding.describeTopic(handle, topic, timeoutMs));
  return config === false ? null : config;
}

/**
 * Creates a topic, or finds that it is there. `replicationFactor` -1: the broker's default, as for what `config` leaves out.
 * Rejects with KAFKA_TOPIC_CREATE or KAFKA_UNREACHABLE.
 */
export async function createTopic(
  handle: number,
  topic: string,
  partitions: number,
  replicationFactor: number,
  timeoutMs: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  await settled(binding.createTopic(handle, topic, partitions, replicationFactor, timeoutMs, config));
}

/** A broker under the address that the cluster tells its clients. */
export interface AdvertisedBroker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** The brokers as the cluster advertises them. Rejects with KAFKA_UNREACHABLE. */
export async function clusterBrokers(handle: number, timeoutMs: number): Promise<AdvertisedBroker[]> {
  const brokers = await settled(binding.clusterBrokers(handle, timeoutMs));
  return Object.entries(brokers).map(([id, address]) => {
    const colon = address.lastIndexOf(':');
    return { id: Number(id), host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
  });
}

/** How a topic's partitions are kept, and what our user may do with it. */
export interface TopicInspection {
  /** Of the partition that has fewest. */
  readonly replicas: number;
  /** Of the partition that has fewest. */
  readonly inSync: number;
  /** Partitions without a leader: nothing can be written to them. */
  readonly leaderless: number;
  /** Operations by their names in ACLs (`Write`, `Describe`); null when the broker does not tell. */
  readonly operations: readonly string[] | null;
}

/** Null when the broker cannot tell, or the user may not ask. Rejects with KAFKA_UNREACHABLE. */
export async function inspectTopic(handle: number, topic: string, timeoutMs: number): Promise<TopicInspection | null> {
  const found = await settled(binding.inspectTopic(handle, topic, timeoutMs));
  if (found === false) return null;
  return {
    replicas: Number(found['replicas']),
    inSync: Number(found['inSync']),
    leaderless: Number(found['leaderless']),
    operations: operationsOf(found['operations']),
  };
}

/** What our user may do with the cluster, as `TopicInspection.operations`. Rejects with KAFKA_UNREACHABLE. */
export async function clusterOperations(handle: number, timeoutMs: number): Promise<readonly string[] | null> {
  const found = await settled(binding.clusterOperations(handle, timeoutMs));
  return found === false ? null : operationsOf(found['operations']);
}

/** librdkafka has the names of the protocol in capitals: `IDEMPOTENT_WRITE` is `IdempotentWrite` in an ACL. */
function operationsOf(names: string | undefined): readonly string[] | null {
  if (names === undefined || names === '') return null;
  const capitalised = (word: string) => word.charAt(0) + word.slice(1).toLowerCase();
  return names.split(',').map((name) => name.split('_').map(capitalised).join(''));
}

async function settled<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw fromNative(error);
  }
}
