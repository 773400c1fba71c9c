import type { TestContext } from 'node:test';
import { startKafka, type KafkaOptions } from '../support/kafka.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { startPostgres, type PostgresServer, type PostgresSettings } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import { ChangefeedStage, TOPIC } from './changefeed-stage.ts';

export { TOPIC };
export const NEEDS = ['kafka', 'kcat', 'postgres-15'] as const;

export interface StageOptions {
  readonly version?: '15' | '18';
  readonly postgres?: PostgresSettings;
  readonly kafka?: KafkaOptions;
  readonly topic?: Readonly<Record<string, string>>;
  readonly partitions?: number;
  /** SQL before the changefeed starts. */
  readonly schema: string;
  readonly options?: MillraceOptions;
}

/** What a message says, as far as the tests look. */
export interface Message {
  readonly table: string;
  readonly type: string;
  readonly xid: number;
  readonly commit?: true;
  readonly data: Record<string, unknown>;
  readonly old?: Record<string, unknown>;
}

/** PostgreSQL, Kafka with one topic, and a changefeed that is prepared but not started. All of it ends with the test. */
export class Stage extends ChangefeedStage<PostgresServer, Message> {
  static async set(t: TestContext, options: StageOptions): Promise<Stage> {
    const settings = { version: options.version ?? '15', settings: options.postgres ?? {} };
    const [database, broker] = await Promise.all([startPostgres(settings), startKafka(options.kafka ?? {})]);
    t.after(() => Promise.all([database.destroy(), broker.destroy()]));
    await database.query(options.schema);
    await broker.createTopic(TOPIC, options.partitions ?? 4, options.topic ?? {});
    const engine = await Millrace.prepare({
      SOURCE_URL: database.url(),
      TABLES: '*.*',
      BOOTSTRAP_SERVERS: broker.bootstrapServers,
      TOPIC,
      ...options.options,
    });
    t.after(() => engine.kill9().catch(() => undefined));
    return new Stage(database, broker, engine);
  }
}

/** The error with this code that the engine told in its log; waits for it. */
export async function toldError(engine: Millrace, code: string): Promise<string> {
  await until(() => engine.log().includes(code), { deadlineMs: 60_000, what: () => `${code} in the log:\n${engine.tail()}` });
  return engine
    .log()
    .split('\n')
    .find((line) => line.includes(code))!;
}
