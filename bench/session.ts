import type { PostgresServer } from '../test/support/postgres.ts';
import type { BenchArguments } from './arguments.ts';
import { BinlogDatabase } from './mariadb/database.ts';
import { ordersOfBinlog } from './mariadb/orders-source.ts';
import { BinlogServers, type BinlogFlavor } from './mariadb/servers.ts';
import type { LoadedLog } from './postgres/run.ts';
import { BenchKafka } from './support/broker.ts';
import { BenchDatabase, startBenchPostgres } from './support/database.ts';
import { loadOrders, touchOrders } from './support/orders.ts';
import type { OrdersSource } from './support/orders-source.ts';

const THROUGHPUT_ROWS = 1_000_000;
const SNAPSHOT_ROWS = 2_000_000;
export const ROWS_PER_TRANSACTION = 1_000;
const UPDATES_PER_TRANSACTION = 100;

/** `orders` with so many rows, vacuumed and at rest. */
export interface LoadedTable {
  readonly database: BenchDatabase;
  readonly rows: number;
}

/** What the benches of one command share: its arguments and the servers, each started when the first bench needs it. */
export class Session {
  /** MariaDB and MySQL. */
  readonly binlogs: BinlogServers;
  readonly #arguments: BenchArguments;
  readonly #log: (line: string) => void;
  #postgres: Promise<PostgresServer> | null = null;
  #kafka: Promise<BenchKafka> | null = null;
  #loadedLog: Promise<LoadedLog> | null = null;
  #updatesLog: Promise<LoadedLog> | null = null;
  #dividedLog: Promise<readonly LoadedLog[]> | null = null;
  #loadedTable: Promise<LoadedTable> | null = null;
  /** What was started and has to end, in the order of its start. */
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(parameters: BenchArguments, log: (line: string) => void) {
    this.#arguments = parameters;
    this.#log = log;
    this.binlogs = new BinlogServers(log);
    this.#closers.push(() => this.binlogs.close());
  }

  /** `--rows`, else the bench's own number. */
  rows(usual: number): number {
    return this.#arguments.rows ?? usual;
  }

  /** `--runs`, else the bench's own number. */
  runs(usual: number): number {
    return this.#arguments.runs ?? usual;
  }

  postgres(): Promise<PostgresServer> {
    this.#postgres ??= this.#startPostgres();
    return this.#postgres;
  }

  kafka(): Promise<BenchKafka> {
    this.#kafka ??= this.#startKafka();
    return this.#kafka;
  }

  /** Runs `work` in a database of its own, which goes with it, and Apache Kafka, which is given back. */
  async inDatabase<T>(name: string, work: (database: BenchDatabase, kafka: BenchKafka) => Promise<T>): Promise<T> {
    const kafka = await this.kafka();
    const database = await BenchDatabase.create(await this.postgres(), name);
    try {
      return await work(database, kafka);
    } finally {
      await kafka.release();
      await database.drop();
    }
  }

  /** The same in MariaDB or MySQL. */
  async inBinlogDatabase<T>(
    flavor: BinlogFlavor,
    name: string,
    work: (database: BinlogDatabase, source: OrdersSource, kafka: BenchKafka) => Promise<T>,
  ): Promise<T> {
    const kafka = await this.kafka();
    const database = await BinlogDatabase.create(await this.binlogs.server(flavor), name);
    try {
      return await work(database, ordersOfBinlog(database), kafka);
    } finally {
      await kafka.release();
      await database.drop();
    }
  }

  /** The log that the throughput and pipeline benches read. */
  loadedLog(): Promise<LoadedLog> {
    this.#loadedLog ??= this.#load('bench', this.rows(THROUGHPUT_ROWS));
    return this.#loadedLog;
  }

  /** As many rows as `loadedLog` has, in equal parts in this many databases, one part after the other in the server's log. */
  dividedLog(databases: number): Promise<readonly LoadedLog[]> {
    this.#dividedLog ??= this.#loadDivided(databases, this.rows(THROUGHPUT_ROWS));
    return this.#dividedLog;
  }

  /** A log of updates alone, of a table with REPLICA IDENTITY FULL. */
  updatesLog(): Promise<LoadedLog> {
    this.#updatesLog ??= this.#loadUpdates(this.rows(THROUGHPUT_ROWS));
    return this.#updatesLog;
  }

  /** The table that the snapshot benches read. */
  loadedTable(): Promise<LoadedTable> {
    this.#loadedTable ??= this.#loadTable('bench_table', this.rows(SNAPSHOT_ROWS));
    return this.#loadedTable;
  }

  /** The server's own words for its version; null when no bench needed it. */
  async postgresVersion(): Promise<string | null> {
    if (this.#postgres === null) return null;
    const rows = await (await this.#postgres).query<{ version: string }>("select current_setting('server_version') as version");
    return rows[0]!.version;
  }

  /** Ends the servers and removes their data. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  get usesKafka(): boolean {
    return this.#kafka !== null;
  }

  async #startPostgres(): Promise<PostgresServer> {
    this.#log('starting PostgreSQL');
    const server = await startBenchPostgres();
    this.#closers.push(() => server.destroy());
    return server;
  }

  async #startKafka(): Promise<BenchKafka> {
    this.#log('starting Kafka');
    const kafka = await BenchKafka.start();
    this.#closers.push(() => kafka.server.destroy());
    return kafka;
  }

  async #loadDivided(databases: number, rows: number): Promise<LoadedLog[]> {
    const logs: LoadedLog[] = [];
    for (let part = 1; part <= databases; part++) logs.push(await this.#load(`bench_part_${part}`, Math.floor(rows / databases)));
    return logs;
  }

  async #load(name: string, rows: number): Promise<LoadedLog> {
    const database = await this.#createDatabase(name);
    const baseSlot = await database.createSlot();
    await this.#insert(database, rows);
    return { database, baseSlot, endLsn: await database.currentLsn(), rows };
  }

  async #loadUpdates(rows: number): Promise<LoadedLog> {
    const { database } = await this.#loadTable('bench_updates', rows);
    const baseSlot = await database.createSlot();
    this.#log(`updating each of them, ${UPDATES_PER_TRANSACTION} in a transaction`);
    await touchOrders(database.client, rows, rows, UPDATES_PER_TRANSACTION);
    return { database, baseSlot, endLsn: await database.currentLsn(), rows };
  }

  async #loadTable(name: string, rows: number): Promise<LoadedTable> {
    const database = await this.#createDatabase(name);
    await this.#insert(database, rows);
    await database.client.query('vacuum analyze orders');
    return { database, rows };
  }

  async #createDatabase(name: string): Promise<BenchDatabase> {
    const database = await BenchDatabase.create(await this.postgres(), name);
    this.#closers.push(() => database.client.end());
    return database;
  }

  async #insert(database: BenchDatabase, rows: number): Promise<void> {
    this.#log(`loading ${rows.toLocaleString('en-US')} rows, ${ROWS_PER_TRANSACTION.toLocaleString('en-US')} in a transaction`);
    await loadOrders(database.client, rows, ROWS_PER_TRANSACTION);
  }
}
