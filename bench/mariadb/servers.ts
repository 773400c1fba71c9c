import type { MysqlServer } from '../../test/support/mysql-server.ts';
import { BinlogDatabase, startBenchMariadb, startBenchMysql } from './database.ts';
import { loadOrders, loadOrdersOneByOne } from './orders.ts';
import type { LoadedBinlog } from './run.ts';

const ROWS_OF_TRANSACTION = 1_000;

/** A workload of the binlog benches, by how its rows were written. */
const WORKLOADS = {
  /** A statement and a transaction for each 1000 rows. */
  multi: (database: BinlogDatabase, rows: number) => loadOrders(database.client, rows),
  /** A statement for each row, 1000 to a transaction. */
  single: (database: BinlogDatabase, rows: number) => loadOrdersOneByOne(database.client, rows, ROWS_OF_TRANSACTION),
  /** A transaction for each row. */
  small: (database: BinlogDatabase, rows: number) => loadOrdersOneByOne(database.client, rows, 1),
  /** As `multi`, with each transaction compressed; MySQL alone has that. */
  payload: async (database: BinlogDatabase, rows: number) => {
    await database.client.query('set session binlog_transaction_compression = on');
    await loadOrders(database.client, rows);
  },
};

export type Workload = keyof typeof WORKLOADS;
export type BinlogFlavor = MysqlServer['flavor'];

/** The servers of the binlog benches of one command and the logs in them, each made when the first bench needs it. */
export class BinlogServers {
  readonly #log: (line: string) => void;
  readonly #servers = new Map<string, Promise<MysqlServer>>();
  readonly #logs = new Map<string, Promise<LoadedBinlog>>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  server(flavor: BinlogFlavor): Promise<MysqlServer> {
    return cached(this.#servers, flavor, () => {
      this.#log(`starting ${flavor}`);
      return flavor === 'mariadb' ? startBenchMariadb() : startBenchMysql();
    });
  }

  /** A log of `rows` rows in a file of its own. */
  loadedLog(flavor: BinlogFlavor, workload: Workload, rows: number): Promise<LoadedBinlog> {
    return cached(this.#logs, `${flavor} ${workload}`, async () => {
      const database = await BinlogDatabase.create(await this.server(flavor), `bench_${workload}`);
      this.#log(`loading ${rows.toLocaleString('en-US')} rows as workload ${workload}`);
      const place = await database.newFile();
      await database.quickly(() => WORKLOADS[workload](database, rows));
      // The next workload does not follow in this file, where a reference would read it.
      await database.newFile();
      return { database, place, rows };
    });
  }

  /** The servers' own words for their versions; null where no bench needed one. */
  async versions(): Promise<Record<BinlogFlavor, string | null>> {
    return { mariadb: await this.#version('mariadb'), mysql: await this.#version('mysql') };
  }

  /** Ends the servers and removes their data. */
  async close(): Promise<void> {
    // What could not be made has been told by its bench.
    const ignore = (): undefined => undefined;
    for (const log of this.#logs.values()) await log.then(({ database }) => database.client.end(), ignore);
    for (const server of this.#servers.values()) await server.then((started) => started.destroy(), ignore);
  }

  async #version(flavor: BinlogFlavor): Promise<string | null> {
    const server = await this.#servers.get(flavor);
    return server === undefined ? null : (await server.query<{ version: string }>('select version() as version'))[0]!.version;
  }
}

function cached<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(name) ?? make();
  known.set(name, made);
  return made;
}
