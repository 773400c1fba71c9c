import { after, type TestContext } from 'node:test';
import type { Client } from 'pg';
import type { PostgresStart } from '../../../../engine/change/source-binding.ts';
import { openSession, type Session } from '../../../../engine/source/postgres/connection.ts';
import type { PreflightConnections, PreflightOptions } from '../../../../engine/source/postgres/inspection.ts';
import { preflight, type StartPlan } from '../../../../engine/source/postgres/preflight.ts';
import { beginStart, type StartPoint } from '../../../../engine/source/postgres/start.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import type { SourceEvents } from '../../../../engine/source/source.ts';
import { startPostgres, type PostgresOptions, type PostgresServer } from '../../../support/postgres.ts';

/** A server that ends with the test. */
export async function serverFor(t: Pick<TestContext, 'after'>, options: PostgresOptions): Promise<PostgresServer> {
  const server = await startPostgres(options);
  t.after(() => server.destroy());
  return server;
}

/** Options of a changefeed `shop` for the default database of a server. */
export function optionsFor(tables: string, fields: Partial<PreflightOptions> = {}): PreflightOptions {
  const names = { changefeed: 'shop', slot: 'millrace_shop', publication: 'millrace_shop' };
  return { ...names, tables: tables.split(','), viaPartitionRoot: true, signalTable: null, adoptSlot: false, readOnce: null, ...fields };
}

const shared = new Map<PostgresOptions['version'], Promise<PostgresServer>>();
let databases = 0;

/**
 * A database of its own, with `schema` in it, on a server that the tests of one file share. Slots are the server's: `slot` is one for
 * this database.
 */
export class Shop {
  readonly server: PostgresServer;
  readonly database: string;
  readonly slot: string;

  constructor(server: PostgresServer, database: string) {
    this.server = server;
    this.database = database;
    this.slot = `slot_of_${database}`;
  }

  static async open(version: PostgresOptions['version'], schema: string): Promise<Shop> {
    let server = shared.get(version);
    if (server === undefined) {
      server = startPostgres({ version, settings: { max_replication_slots: 100 } });
      shared.set(version, server);
    }
    const shop = new Shop(await server, `shop_${(databases += 1)}`);
    await shop.server.query(`CREATE DATABASE ${shop.database}`);
    await shop.query(schema);
    return shop;
  }

  async query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]> {
    return await this.server.query<Row>(sql, values, this.database);
  }

  /** A client that ends with the test. */
  async client(t: Pick<TestContext, 'after'>): Promise<Client> {
    const client = await this.server.client(this.database);
    t.after(() => client.end());
    return client;
  }

  url(user?: string): string {
    return this.server.url(this.database, user);
  }

  /** By default for all tables of the schema `public`. */
  options(tables = '*', fields: Partial<PreflightOptions> = {}): PreflightOptions {
    return optionsFor(tables, { slot: this.slot, ...fields });
  }

  /** The kinds of messages (`B` `R` `I` `C` ...) that the slot has to give through our publication, without consuming them. */
  async pending(): Promise<string> {
    const sql = `SELECT chr(get_byte(data, 0)) AS kind
      FROM pg_logical_slot_peek_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)`;
    const rows = await this.query<{ kind: string }>(sql, [this.slot, 'millrace_shop']);
    // Up to PostgreSQL 14, a transaction with nothing for us comes all the same.
    return rows
      .map(({ kind }) => kind)
      .join('')
      .replaceAll('BC', '');
  }

  /** The slot's row in the catalogue; undefined when there is none. */
  async slotRow(): Promise<Record<string, unknown> | undefined> {
    return (await this.query('SELECT * FROM pg_replication_slots WHERE slot_name = $1', [this.slot]))[0];
  }
}

after(async () => {
  await Promise.all([...shared.values()].map(async (server) => (await server).destroy()));
});

/** One changefeed against one database: what a capture does at its start, with a checkpoint kept in memory. */
export class Starter {
  /** What the store would hold. */
  stored: PostgresStart | null = null;
  /** Every save, in order. */
  readonly saves: PostgresStart[] = [];
  readonly infos: string[] = [];
  readonly warnings: string[] = [];
  readonly events: SourceEvents = {
    info: (message) => this.infos.push(message),
    warn: (code, message) => this.warnings.push(`${code}: ${message}`),
  };
  private readonly url: string;
  private readonly sessions: Session[] = [];

  constructor(t: Pick<TestContext, 'after'>, url: string) {
    this.url = url;
    t.after(() => this.close());
  }

  async connections(): Promise<PreflightConnections> {
    const side = await this.open('query');
    return { side: side.client, openReplication: () => this.open('replication') };
  }

  async preflight(options: PreflightOptions): Promise<StartPlan> {
    return await preflight(await this.connections(), options, this.stored);
  }

  /** Preflight and start; `crash` runs after each save and may throw. */
  async start(options: PreflightOptions, crash: (saves: number) => void = () => undefined): Promise<StartPoint> {
    const connections = await this.connections();
    const plan = await preflight(connections, options, this.stored);
    return await this.begin(connections, plan, crash);
  }

  async begin(connections: PreflightConnections, plan: StartPlan, crash: (saves: number) => void = () => undefined): Promise<StartPoint> {
    const save = async (start: PostgresStart) => {
      this.stored = start;
      this.saves.push(start);
      crash(this.saves.length);
    };
    const point = await beginStart(connections, plan, { events: this.events, save, patienceMs: 100, takeSnapshot: null });
    this.stored = { position: point.position, source: point.source };
    return point;
  }

  /** Stores another position, as if the stream had come so far. */
  moveTo(lsn: string): void {
    this.stored = { ...this.stored!, position: { kind: 'postgres', parts: [{ connection: this.stored!.source.slot, lsn }] } };
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((session) => session.close()));
  }

  private async open(kind: 'query' | 'replication'): Promise<Session> {
    const { settings } = parseConnectionUrl(this.url, {});
    const session = await openSession({ settings, kind, warn: () => undefined });
    this.sessions.push(session);
    return session;
  }
}

/** Where the server's log ends. */
export async function endOfLog(server: { query(sql: string): Promise<Record<string, unknown>[]> }): Promise<string> {
  return String((await server.query('SELECT pg_current_wal_insert_lsn()::text AS lsn'))[0]?.['lsn']);
}
