import { attempt, binding } from './binding.ts';

/**
 * librdkafka's own brokers, on real ports of 127.0.0.1: they speak Kafka's protocol, keep about 5 MB of each partition, and know no
 * CreateTopics and no DescribeConfigs. For the demo and the bench without Java, and for tests of faults. Brokers are numbered from 1.
 * A closed cluster throws `MOCK_CLUSTER_FAILED`, as does what librdkafka refuses.
 */
export class MockCluster {
  /** Comma-separated `host:port`. */
  readonly bootstrapServers: string;
  readonly #id: number;

  constructor(brokers: number) {
    this.#id = attempt(() => binding.startMock(brokers));
    this.bootstrapServers = binding.mockServers(this.#id);
  }

  createTopic(name: string, partitions: number, replication: number): void {
    attempt(() => binding.mockCreateTopic(this.#id, name, partitions, replication));
  }

  /** Closes the broker's connections and accepts no more; leaders stay where they are. */
  setBrokerDown(broker: number): void {
    attempt(() => binding.mockSetUp(this.#id, broker, 0));
  }

  setBrokerUp(broker: number): void {
    attempt(() => binding.mockSetUp(this.#id, broker, 1));
  }

  /** Gives a partition another leader; -1 leaves it without one. */
  setLeader(topic: string, partition: number, broker: number): void {
    attempt(() => binding.mockSetLeader(this.#id, topic, partition, broker));
  }

  /** The next requests with this API key (0 is Produce) fail, one with each of these error codes. */
  pushRequestErrors(apiKey: number, codes: readonly number[]): void {
    attempt(() => binding.mockPushErrors(this.#id, apiKey, codes));
  }

  /** Delays each of the broker's answers. */
  setRoundTrip(broker: number, milliseconds: number): void {
    attempt(() => binding.mockSetRoundTrip(this.#id, broker, milliseconds));
  }

  /** Stops the brokers and forgets what they hold. */
  close(): void {
    binding.closeMock(this.#id);
  }
}
