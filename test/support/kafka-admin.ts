import rdkafka from '@confluentinc/kafka-javascript';

type Admin = ReturnType<typeof rdkafka.AdminClient.create>;
type Callback<T> = (error: rdkafka.LibrdKafkaError, result?: T) => void;

const TIMEOUT_MS = 30_000;
/** The broker has not registered with its controller yet: it accepts connections a moment before. */
const INVALID_REPLICATION_FACTOR = 38;

/** Creates a topic of replication factor 1; `config` are its own settings (`{ 'max.message.bytes': '2000' }`). */
export async function createTopic(servers: string, topic: string, partitions: number, config: Readonly<Record<string, string>>): Promise<void> {
  const wanted = { topic, num_partitions: partitions, replication_factor: 1, config };
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      await withAdmin<unknown>(servers, (admin, done) => admin.createTopic(wanted, TIMEOUT_MS, done));
      return;
    } catch (error) {
      const early = (error as { code?: number }).code === INVALID_REPLICATION_FACTOR;
      if (!early || performance.now() > deadline) throw error;
    }
  }
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
  if (description === undefined || description.error) throw new Error(`topic ${topic}: ${description?.error?.message ?? 'not there'}`);
  const latest = new rdkafka.OffsetSpec(-1);
  const wanted = description.partitions.map(({ partition }) => ({ topic, partition, offset: latest }));
  const found = await withAdmin<rdkafka.ListOffsetsResult[]>(servers, (admin, done) => admin.listOffsets(wanted, options, done));
  return found.toSorted((a, b) => a.partition - b.partition).map((partition) => partition.offset);
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
