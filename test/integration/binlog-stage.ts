import type { TestContext } from 'node:test';
import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { startKafka, type KafkaServer } from '../support/kafka.ts';
import { startMariadb } from '../support/mariadb.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { startMysql } from '../support/mysql.ts';
import type { MysqlOptions, MysqlServer } from '../support/mysql-server.ts';
import { until } from '../support/wait.ts';

export const TOPIC = 'changes';

export interface BinlogStageOptions extends MysqlOptions {
  readonly flavor: 'mariadb' | 'mysql';
  /** SQL before the changefeed starts. */
  readonly schema: string;
  readonly options?: MillraceOptions;
  readonly partitions?: number;
}

/** MariaDB or MySQL, Kafka with one topic, and a changefeed of the database `shop` that is prepared but not started. */
export class BinlogStage {
  readonly database: MysqlServer;
  readonly broker: KafkaServer;
  readonly engine: Millrace;

  private constructor(database: MysqlServer, broker: KafkaServer, engine: Millrace) {
    this.database = database;
    this.broker = broker;
    this.engine = engine;
  }

  static async set(t: TestContext, { flavor, schema, options, partitions, ...server }: BinlogStageOptions): Promise<BinlogStage> {
    const start = flavor === 'mariadb' ? startMariadb : startMysql;
    const [database, broker] = await Promise.all([start(server), startKafka()]);
    t.after(() => Promise.all([database.destroy(), broker.destroy()]));
    await database.query(`CREATE DATABASE shop; USE shop; ${schema}`);
    await broker.createTopic(TOPIC, partitions ?? 1);
    const engine = await Millrace.prepare({
      SOURCE_URL: `${database.url()}/shop`,
      TABLES: 'shop.*',
      BOOTSTRAP_SERVERS: broker.bootstrapServers,
      TOPIC,
      ...options,
    });
    t.after(() => engine.kill9().catch(() => undefined));
    return new BinlogStage(database, broker, engine);
  }

  /** Runs statements in the database `shop`. */
  async query(sql: string): Promise<void> {
    await this.database.query(sql, [], 'shop');
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
  async messages(): Promise<BinlogMessage[]> {
    return (await this.records()).map(({ value }) => JSON.parse(value!.toString()) as BinlogMessage);
  }
}

/** What a message says, as far as the tests look. */
export interface BinlogMessage {
  readonly database: string;
  readonly table: string;
  readonly type: string;
  readonly xid?: number;
  readonly commit?: true;
  readonly data: Record<string, unknown>;
  readonly old?: Record<string, unknown>;
}
