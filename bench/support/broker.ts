import { OPTIONS } from '../../engine/control/config/options.ts';
import { MockCluster } from '../../native-bridge/index.ts';
import { certificates } from '../../test/support/certificates.ts';
import { KAFKA_USER, type KafkaListener } from '../../test/support/kafka-properties.ts';
import { startKafka, type KafkaServer } from '../../test/support/kafka.ts';
import { warmUp } from './warm-up.ts';

/** Where a run's messages go. */
export interface Broker {
  readonly bootstrapServers: string;
  /** Creates a topic of the run's own, under a name of its own or this one, and returns its name. */
  createTopic(partitions: number, name?: string): Promise<string>;
  /** Gives back what the run used; the real Kafka stays up for the next one. */
  release(): Promise<void>;
}

export type StartBroker = () => Promise<Broker>;

/** Lends a broker to one run, and takes back what the run used. */
export async function withBroker<T>(start: StartBroker, use: (broker: Broker) => Promise<T>): Promise<T> {
  const broker = await start();
  try {
    return await use(broker);
  } finally {
    await broker.release();
  }
}

/**
 * librdkafka's own broker in this process, whose CPU and memory are then not the engine's: it speaks the real protocol over TCP and keeps
 * about 5 MB of a partition. A new one for each run.
 */
export function startMockBroker(): Promise<Broker> {
  const cluster = new MockCluster(1);
  // Clients cannot create topics here, and the checkpoint may have to go to one.
  cluster.createTopic(OPTIONS.checkpointTopic.defaultText, 1, 1);
  const broker: Broker = {
    bootstrapServers: cluster.bootstrapServers,
    createTopic: (partitions, name = 'bench') => {
      cluster.createTopic(name, partitions, 1);
      return Promise.resolve(name);
    },
    release: () => {
      cluster.close();
      return Promise.resolve();
    },
  };
  return Promise.resolve(broker);
}

/** As Kafka's own start scripts run it. */
const KAFKA_JVM = [
  '-Xms1g',
  '-Xmx1g',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
];
/** Kafka's own defaults, which the brokers of tests shorten: a broker that was frozen is to be met as it would be in production. */
const KAFKA_SETTINGS = { 'broker.session.timeout.ms': 9000, 'broker.heartbeat.interval.ms': 2000 };

/** The one Apache Kafka of a bench run. Topics go when their run is over, so that its disk and caches stay the same for each. */
export class BenchKafka implements Broker {
  readonly server: KafkaServer;
  readonly #topics: string[] = [];
  #created = 0;
  #isWarm = false;

  private constructor(server: KafkaServer) {
    this.server = server;
  }

  /** @param listeners beside the plain and the secure one */
  static async start(listeners: Readonly<Record<string, KafkaListener>> = {}): Promise<BenchKafka> {
    return new BenchKafka(await startKafka({ jvm: KAFKA_JVM, settings: KAFKA_SETTINGS, secure: true, listeners }));
  }

  get bootstrapServers(): string {
    return this.server.bootstrapServers;
  }

  /** Options of the product by which it logs in with SCRAM over TLS, in place of the plain listener. */
  async secureOptions(): Promise<Readonly<Record<string, string>>> {
    return {
      BOOTSTRAP_SERVERS: this.server.secureBootstrapServers!,
      SECURITY_PROTOCOL: 'SASL_SSL',
      SASL_MECHANISM: 'SCRAM-SHA-512',
      SASL_USERNAME: KAFKA_USER.name,
      SASL_PASSWORD: KAFKA_USER.password,
      SSL_CA_LOCATION: (await certificates()).ca,
    };
  }

  /** Creates a topic under a name of its own, or under the one that a peer insists on; `config` are settings of topics. */
  async createTopic(partitions: number, name?: string, config: Readonly<Record<string, string>> = {}): Promise<string> {
    this.#created++;
    const topic = name ?? `bench-${this.#created}`;
    await this.server.createTopic(topic, partitions, config);
    this.#topics.push(topic);
    return topic;
  }

  /** Makes it a broker that has run for a while, once; some 15 seconds. */
  async warmUp(partitions: number): Promise<void> {
    if (this.#isWarm) return;
    this.#isWarm = true;
    await warmUp(this.bootstrapServers, await this.createTopic(partitions), partitions);
    await this.release();
  }

  async release(): Promise<void> {
    for (const topic of this.#topics.splice(0)) await this.server.deleteTopic(topic);
  }

  pause(): void {
    this.server.pause();
  }

  resume(): void {
    this.server.resume();
  }
}
