import { after, before } from 'node:test';
import type pg from 'pg';
import { consume } from '../support/consume.ts';
import type { ConsumedRecord } from '../support/kcat-parser.ts';
import { startKafka, type KafkaOptions, type KafkaServer } from '../support/kafka.ts';
import { Millrace, type MillraceOptions } from '../support/millrace.ts';
import { startPostgres, type PostgresOptions, type PostgresServer } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import type { Message } from './stage.ts';

/** Servers for all tests of a file, which are skipped or not: `take` gets them before the first one, and they end with the last. */
export function serversForFile(skip: string | false, take: (servers: Servers) => void, postgres?: PostgresOptions): void {
  if (skip !== false) return;
  let servers: Servers;
  before(async () => take((servers = await Servers.start(postgres))));
  after(() => servers.destroy());
}

export interface FeedOptions {
  /** SQL in the feed's own database, before the changefeed starts. */
  readonly schema: string;
  readonly options?: MillraceOptions;
  /** Partitions of its topic; 0 makes none. Default 4. */
  readonly partitions?: number;
  readonly topic?: Readonly<Record<string, string>>;
  /** What follows CREATE DATABASE and the name. */
  readonly database?: string;
}

/** One PostgreSQL and one Kafka for the tests of a file. Each test takes a feed: a database, a topic and a changefeed of one new name. */
export class Servers {
  readonly database: PostgresServer;
  readonly broker: KafkaServer;
  private feeds = 0;

  private constructor(database: PostgresServer, broker: KafkaServer) {
    this.database = database;
    this.broker = broker;
  }

  static async start(postgres: PostgresOptions = { version: '15' }, kafka: KafkaOptions = {}): Promise<Servers> {
    const [database, broker] = await Promise.all([startPostgres(postgres), startKafka(kafka)]);
    return new Servers(database, broker);
  }

  async destroy(): Promise<void> {
    await Promise.all([this.database.destroy(), this.broker.destroy()]);
  }

  /** The name that the next feed, its database and its topic will have. */
  get nextName(): string {
    return `feed${this.feeds + 1}`;
  }

  /** A feed that is prepared and not started; its engine ends with the test, and its slot goes. */
  async feed(t: { after(end: () => Promise<void>): void }, options: FeedOptions): Promise<Feed> {
    const name = this.nextName;
    this.feeds += 1;
    await this.database.query(`CREATE DATABASE ${name} ${options.database ?? ''}`);
    await this.database.query(options.schema, undefined, name);
    if (options.partitions !== 0) await this.broker.createTopic(name, options.partitions ?? 4, options.topic ?? {});
    const engine = await Millrace.prepare({
      CHANGEFEED: name,
      SOURCE_URL: this.database.url(name),
      TABLES: '*.*',
      BOOTSTRAP_SERVERS: this.broker.bootstrapServers,
      TOPIC: name,
      ...options.options,
    });
    const feed = new Feed(name, this, engine);
    t.after(async () => {
      await engine.kill9().catch(() => undefined);
      await feed.dropSlot().catch(() => undefined);
    });
    return feed;
  }
}

export interface KeyedMessage extends Message {
  readonly key: string | null;
}

/** A changefeed with its database and its topic. */
export class Feed {
  /** Of the changefeed, the database and the topic. */
  readonly name: string;
  readonly engine: Millrace;
  private readonly servers: Servers;

  constructor(name: string, servers: Servers, engine: Millrace) {
    this.name = name;
    this.servers = servers;
    this.engine = engine;
  }

  get slot(): string {
    return `millrace_${this.name}`;
  }

  async query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]> {
    return await this.servers.database.query<Row>(sql, values, this.name);
  }

  /** A connection to its database; whoever asked ends it. */
  async client(): Promise<pg.Client> {
    return await this.servers.database.client(this.name);
  }

  /** `confirmed_flush_lsn` of its slot. */
  async confirmed(): Promise<string> {
    const [row] = await this.query<{ lsn: string }>(
      `SELECT confirmed_flush_lsn AS lsn FROM pg_replication_slots WHERE slot_name = '${this.slot}'`,
    );
    return row!.lsn;
  }

  /** Whether the server holds its slot as confirmed up to where the log stands now. */
  async untilConfirmed(lsn?: string, deadlineMs = 60_000): Promise<void> {
    const wanted = lsn ?? (await this.lsn());
    const reached = async () =>
      (await this.query<{ ok: boolean }>(`SELECT '${await this.confirmed()}'::pg_lsn >= '${wanted}' AS ok`))[0]!.ok;
    await until(reached, { deadlineMs, everyMs: 100, what: () => `the slot to reach ${wanted}:\n${this.engine.tail()}` });
  }

  /** The end of the server's log. */
  async lsn(): Promise<string> {
    const [row] = await this.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
    return row!.lsn;
  }

  /** Messages in the topic, by its end offsets. */
  async count(): Promise<number> {
    return (await this.servers.broker.endOffsets(this.name)).reduce((sum, offset) => sum + offset, 0);
  }

  /** Waits until the topic holds so many messages. */
  async untilCount(wanted: number, deadlineMs = 60_000): Promise<void> {
    let found = -1;
    const enough = async () => (found = await this.count()) >= wanted;
    await until(enough, { deadlineMs, everyMs: 50, what: () => `${wanted} messages (${found} are there):\n${this.engine.tail()}` });
  }

  async records(): Promise<ConsumedRecord[]> {
    return await consume({ bootstrapServers: this.servers.broker.bootstrapServers, topic: this.name, deadlineMs: 120_000 });
  }

  /** Everything in the topic, partition by partition in order. */
  async messages(): Promise<Message[]> {
    return (await this.records()).map(({ value }) => JSON.parse(value!.toString()) as Message);
  }

  /** As `messages`, each beside its key. */
  async keyed(): Promise<KeyedMessage[]> {
    const read = ({ key, value }: ConsumedRecord) => ({
      ...(JSON.parse(value!.toString()) as Message),
      key: key === null ? null : key.toString(),
    });
    return (await this.records()).map(read);
  }

  async dropSlot(): Promise<void> {
    const free = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${this.slot}' AND NOT active`;
    const gone = async () => {
      await this.query(free);
      return (await this.query(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${this.slot}'`)).length === 0;
    };
    await until(gone, { deadlineMs: 10_000, what: `slot ${this.slot} to go` });
  }
}
