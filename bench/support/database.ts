import type { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../test/support/postgres.ts';
import { until } from '../../test/support/wait.ts';
import { createOrders } from './orders.ts';

/**
 * As an operator of a busy server sets it up: durable commits, no checkpoint or vacuum in the middle of a run.
 * `logical_decoding_work_mem` stays at its default.
 */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
  max_replication_slots: 40,
} as const;

export type Socket = 'tcp' | 'unix';

/** Starts the PostgreSQL 15 that all benches of a run share, each with a database of its own. */
export async function startBenchPostgres(): Promise<PostgresServer> {
  return await startPostgres({ version: '15', settings: SETTINGS });
}

/** One database of the server with an empty `orders` table, and what the benches do with its slots. */
export class BenchDatabase {
  readonly server: PostgresServer;
  readonly name: string;
  readonly client: Client;
  #slots = 0;

  private constructor(server: PostgresServer, name: string, client: Client) {
    this.server = server;
    this.name = name;
    this.client = client;
  }

  /** Creates the database, its `orders` table and its publication. */
  static async create(server: PostgresServer, name: string): Promise<BenchDatabase> {
    await server.query(`create database ${name}`);
    const client = await server.client(name);
    await createOrders(client);
    return new BenchDatabase(server, name, client);
  }

  /** What the engine is given, over TCP or the Unix socket. */
  url(socket: Socket): string {
    return socket === 'tcp' ? this.server.url(this.name) : this.server.socketUrl(this.name);
  }

  /** A slot that starts here; returns its name. */
  async createSlot(): Promise<string> {
    const slot = this.#nextSlot();
    await this.client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
    return slot;
  }

  /** A slot that starts where `base` stands, so that every run reads the same log; returns its name. */
  async copySlot(base: string): Promise<string> {
    const slot = this.#nextSlot();
    await this.client.query('select pg_copy_logical_replication_slot($1, $2)', [base, slot]);
    return slot;
  }

  /** Drops a slot as soon as its last reader has let go of it. */
  async dropSlot(slot: string): Promise<void> {
    const drop = async () => (await this.client.query('select pg_drop_replication_slot($1)', [slot])).rowCount === 1;
    await until(drop, { what: `slot ${slot} to be released` });
  }

  /** Process that streams from `slot`; null while nobody does. */
  async walsender(slot: string): Promise<number | null> {
    const result = await this.client.query<{ active_pid: number | null }>(
      'select active_pid from pg_replication_slots where slot_name = $1',
      [slot],
    );
    return result.rows[0]?.active_pid ?? null;
  }

  /** End of the log now, `X/X`. */
  async currentLsn(): Promise<string> {
    const result = await this.client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
    return result.rows[0]!.lsn;
  }

  /** Drops the database with all in it. Its slots must be gone. */
  async drop(): Promise<void> {
    await this.client.end();
    await this.server.query(`drop database ${this.name}`);
  }

  /** Whether somebody's COPY of a table runs. */
  async isCopying(): Promise<true | null> {
    const text = "select from pg_stat_progress_copy where datname = current_database() and command = 'COPY TO'";
    return (await this.client.query(text)).rowCount === 0 ? null : true;
  }

  /** A name for a slot that is yet to be created. */
  newSlotName(): string {
    return this.#nextSlot();
  }

  #nextSlot(): string {
    this.#slots++;
    return `${this.name}_${this.#slots}`;
  }
}
