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
 * Creates a topic, or finds that it is there. `replicationFactor` -1: the broker's default.
 * Rejects with KAFKA_TOPIC_CREATE or KAFKA_UNREACHABLE.
 */
export async function createTopic(
  handle: number,
  topic: string,
  partitions: number,
  replicationFactor: number,
  timeoutMs: number,
): Promise<void> {
  await settled(binding.createTopic(handle, topic, partitions, replicationFactor, timeoutMs));
}

async function settled<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw fromNative(error);
  }
}
