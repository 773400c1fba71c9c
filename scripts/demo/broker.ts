import { MockCluster } from '../../native-bridge/index.ts';
import { startKafka, type KafkaServer } from '../../test/support/kafka.ts';
import { skipUnless } from '../../test/support/skip.ts';

/** The Kafka that the demo writes to. */
export interface DemoBroker {
  /** What it is, for people. */
  readonly title: string;
  readonly bootstrapServers: string;
  /** False for the embedded broker, which forgets what is older than about 5 MB a partition: a reader must keep up with the writer. */
  readonly keepsEverything: boolean;
  createTopic(name: string, partitions: number): Promise<void>;
  stop(): Promise<void>;
}

/** Apache Kafka where Java and its jars are, else (or when asked for) the broker inside librdkafka. */
export async function startBroker(embedded: boolean): Promise<DemoBroker> {
  if (embedded || skipUnless('kafka') !== false) return embeddedBroker(new MockCluster(1));
  return realBroker(await startKafka());
}

function realBroker(kafka: KafkaServer): DemoBroker {
  return {
    title: 'Apache Kafka (one node, KRaft)',
    bootstrapServers: kafka.bootstrapServers,
    keepsEverything: true,
    createTopic: (name, partitions) => kafka.createTopic(name, partitions),
    stop: () => kafka.destroy(),
  };
}

function embeddedBroker(cluster: MockCluster): DemoBroker {
  return {
    title: "librdkafka's embedded broker (it speaks Kafka's protocol and keeps 5 MB a partition; with Java it would be Apache Kafka)",
    bootstrapServers: cluster.bootstrapServers,
    keepsEverything: false,
    createTopic: (name, partitions) => Promise.resolve(cluster.createTopic(name, partitions, 1)),
    stop: () => Promise.resolve(cluster.close()),
  };
}
