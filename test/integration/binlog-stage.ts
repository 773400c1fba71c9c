import type { TestContext } from 'node:test';
import { startKafka } from '../support/kafka.ts';
import { startMariadb } from '../support/mariadb.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { startMysql } from '../support/mysql.ts';
import type { MysqlOptions, MysqlServer } from '../support/mysql-server.ts';
import { ChangefeedStage, TOPIC } from './changefeed-stage.ts';

export interface BinlogStageOptions extends MysqlOptions {
  readonly flavor: 'mariadb' | 'mysql';
  /** SQL before the changefeed starts. */
  readonly schema: string;
  readonly options?: MillraceOptions;
  readonly partitions?: number;
}

/** MariaDB or MySQL, Kafka with one topic, and a changefeed of the database `shop` that is prepared but not started. */
export class BinlogStage extends ChangefeedStage<MysqlServer, BinlogMessage> {
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
