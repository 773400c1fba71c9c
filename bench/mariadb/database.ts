import type { Connection } from 'mysql2/promise';
import { startMariadb } from '../../test/support/mariadb.ts';
import type { MysqlServer, MysqlSettings } from '../../test/support/mysql-server.ts';
import { startMysql } from '../../test/support/mysql.ts';
import { now } from '../measure/clock.ts';
import { startBinlogEngine, type EngineTarget } from '../support/engine.ts';
import type { ObservedProcess } from '../support/observed-process.ts';
import type { Reading, StreamStart } from '../support/transfer.ts';
import { createOrders } from './orders.ts';

const POLL_MS = 2;

/** As an operator of a busy server sets it up: durable commits, room for the tables, one file for the log of a bench. */
const SETTINGS: MysqlSettings = {
  'innodb-flush-log-at-trx-commit': 1,
  'sync-binlog': 1,
  'innodb-buffer-pool-size': '2G',
  'max-binlog-size': '1G',
  'skip-name-resolve': 'ON',
};

/** Starts the MariaDB that all benches of a run share, each with a database of its own. */
export async function startBenchMariadb(): Promise<MysqlServer> {
  return await startMariadb({ settings: { ...SETTINGS, 'innodb-log-file-size': '1G' } });
}

/** The same with MySQL. */
export async function startBenchMysql(): Promise<MysqlServer> {
  return await startMysql({ settings: { ...SETTINGS, 'innodb-redo-log-capacity': '1G' } });
}

/** Where a binlog is read from. */
export interface LogPlace {
  readonly file: string;
  readonly offset: number;
}

/** One database of the server with an empty `orders` table, and what the benches do with its log. */
export class BinlogDatabase {
  readonly server: MysqlServer;
  readonly name: string;
  readonly client: Connection;

  private constructor(server: MysqlServer, name: string, client: Connection) {
    this.server = server;
    this.name = name;
    this.client = client;
  }

  static async create(server: MysqlServer, name: string): Promise<BinlogDatabase> {
    await server.query(`create database ${name}`);
    const client = await server.client({ database: name });
    await createOrders(client);
    return new BinlogDatabase(server, name, client);
  }

  /** Begins a new file of the log and returns where. */
  async newFile(): Promise<LogPlace> {
    const [row] = await this.server.query<{ File: string; Position: number }>('flush binary logs; show master status');
    return { file: row!.File, offset: row!.Position };
  }

  /** Runs `load` with commits that do not wait for the disk: how a log came to be makes no difference to who reads it. */
  async quickly(load: () => Promise<void>): Promise<void> {
    await this.#setDurability(2, 0);
    await load();
    await this.#setDurability(1, 1);
  }

  /** Starts the product at a place of the log. */
  async startEngine(place: LogPlace, target: EngineTarget): Promise<ObservedProcess> {
    const position = `${place.file}:${place.offset}`;
    return await startBinlogEngine({ ...target, sourceUrl: this.server.url(), position, table: `${this.name}.orders` });
  }

  /** To be called before the reader starts: what it is told apart by from readers that have ended and that the server has yet to notice. */
  async reading(): Promise<Reading> {
    const newest = await this.newestConnection();
    return { whenStreaming: (reader, deadlineMs) => this.#whenDumping(reader, newest, deadlineMs), close: () => Promise.resolve() };
  }

  /** Number of the newest connection. */
  async newestConnection(): Promise<number> {
    const [row] = await this.server.query<{ id: number }>('select connection_id() as id');
    return row!.id;
  }

  /** Whether a connection after number `connection` is sent the log. */
  async isDumping(connection: number): Promise<boolean> {
    const sql = "select id from information_schema.processlist where id > ? and command like 'Binlog Dump%'";
    const [rows] = await this.client.query(sql, [connection]);
    return (rows as unknown[]).length > 0;
  }

  /** Drops the database with all in it. */
  async drop(): Promise<void> {
    await this.client.query(`drop database ${this.name}`);
    await this.client.end();
  }

  /** Asked of the server, every 2 ms, so that the clock starts without the reader's help; nothing is polled once it runs. */
  async #whenDumping(reader: ObservedProcess, newest: number, deadlineMs: number): Promise<StreamStart> {
    await reader.waitFor(() => this.isDumping(newest), deadlineMs, POLL_MS, 'a reader of the binlog');
    return { start: now(), sender: this.server.pid };
  }

  async #setDurability(flush: number, sync: number): Promise<void> {
    await this.client.query(`set global innodb_flush_log_at_trx_commit = ${flush}; set global sync_binlog = ${sync}`);
  }
}
