import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import type { KafkaServer } from '../support/kafka.ts';
import type { Millrace } from '../support/millrace.ts';
import { until } from '../support/wait.ts';

export const TOPIC = 'changes';

/** A database, Kafka with one topic, and a changefeed between them; `Message` is what the tests look at of a message. */
export class ChangefeedStage<Database, Message> {
  readonly database: Database;
  readonly broker: KafkaServer;
  readonly engine: Millrace;

  protected constructor(database: Database, broker: KafkaServer, engine: Millrace) {
    this.database = database;
    this.broker = broker;
    this.engine = engine;
  }

  /** Waits until the topic holds so many messages, by its end offsets. */
  async untilCount(count: number, deadlineMs = 60_000): Promise<void> {
    let found = -1;
    const enough = async () => (found = (await this.broker.endOffsets(TOPIC)).reduce((sum, offset) => sum + offset, 0)) >= count;
    await until(enough, { deadlineMs, everyMs: 100, what: () => `${count} messages (${found} are there):\n${this.engine.tail()}` });
  }

  async records(): Promise<ConsumedRecord[]> {
    return await consume({ bootstrapServers: this.broker.bootstrapServers, topic: TOPIC, deadlineMs: 120_000 });
  }

  /** Everything in the topic, partition by partition in order. */
  async messages(): Promise<Message[]> {
    return (await this.records()).map(({ value }) => JSON.parse(value!.toString()) as Message);
  }
}
