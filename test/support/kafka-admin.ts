import { setTimeout as delay } from 'node:timers/promises';
import rdkafka from '@confluentinc/kafka-javascript';

type Admin = ReturnType<typeof rdkafka.AdminClient.create>;
type Callback<T> = (error: rdkafka.LibrdKafkaError, result?: T) => void;

const TIMEOUT_MS = 30_000;
/** INVALID_REPLICATION_FACTOR: a broker accepts connections a moment before it is registered with its controller. */
const NOT_REGISTERED_YET: readonly number[] = [38];
/**
 * UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, UNKNOWN_LEADER_EPOCH: a topic's creation is answered before its
 * leaders are up.
 */
const NO_LEADER_YET: readonly number[] = [3, 5, 6, 75];

/**
 * Creates a topic of replication factor 1 and waits until each partition has its leader.
 * `config` are the topic's own settings (`{ 'max.message.bytes': '2000' }`).
 */
export async function createTopic(
  servers: string,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = { topic, num_partitions: partitions, replication_factor: 1, config };
  const create = async () => await withAdmin<unknown>(servers, (admin, done) => admin.createTopic(wanted, TIMEOUT_MS, done));
  await retryWhile(NOT_REGISTERED_YET, create);
  await retryWhile(NO_LEADER_YET, async () => await endOffsets(servers, topic));
}

/** Deletes a topic; brokers do so a moment later. */
export async function deleteTopic(servers: string, topic: string): Promise<void> {
  await withAdmin<unknown>(servers, (admin, done) => admin.deleteTopic(topic, TIMEOUT_MS, done));
}

/** Raises the number of partitions to `total`. */
export async function addPartitions(servers: string, topic: string, total: number): Promise<void> {
  await withAdmin<unknown>(servers, (admin, done) => admin.createPartitions(topic, total, TIMEOUT_MS, done));
}

/** The offset after the last message, per partition; transaction markers count as messages do. */
export async function endOffsets(servers: string, topic: string): Promise<number[]> {
  const options = { timeout: TIMEOUT_MS };
  const [description] = await withAdmin<rdkafka.TopicDescription[]>(servers, (admin, done) => admin.describeTopics([topic], options, done));
  if (description === undefined) throw new Error(`the broker does not describe topic ${topic}`);
  if (description.error) throw asError(description.error);
  const latest = new rdkafka.OffsetSpec(-1);
  const wanted = description.partitions.map(({ partition }) => ({ topic, partition, offset: latest }));
  const found = await withAdmin<rdkafka.ListOffsetsResult[]>(servers, (admin, done) => admin.listOffsets(wanted, options, done));
  const failed = found.find((partition) => partition.error);
  if (failed?.error) throw asError(failed.error);
  return found.toSorted((a, b) => a.partition - b.partition).map((partition) => partition.offset);
}

/** Errors within results are plain objects. */
function asError(error: { message: string; code: number }): Error {
  return Object.assign(new Error(error.message), { code: error.code });
}

async function retryWhile<T>(codes: readonly number[], action: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const early = codes.includes((error as { code?: number }).code ?? 0);
      if (!early || performance.now() > deadline) throw error;
      await delay(20);
    }
  }
}

/** Connects for one call: an idle admin client would log the end of every broker that a test kills. */
async function withAdmin<T>(servers: string, call: (admin: Admin, done: Callback<T>) => void): Promise<T> {
  const admin = rdkafka.AdminClient.create({ 'bootstrap.servers': servers, log_level: 2 });
  try {
    return await new Promise<T>((resolve, reject) => {
      call(admin, (error, result) => (error ? reject(error) : resolve(result as T)));
    });
  } finally {
    admin.disconnect();
  }
}
