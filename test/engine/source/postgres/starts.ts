import type { TestContext } from 'node:test';
import type { StoredStart } from '../../../../engine/change/source-binding.ts';
import { openSession, type Session } from '../../../../engine/source/postgres/connection.ts';
import { preflight, type PreflightConnections, type PreflightOptions, type StartPlan } from '../../../../engine/source/postgres/preflight.ts';
import { beginStart, type StartPoint } from '../../../../engine/source/postgres/start.ts';
import { parseConnectionUrl } from '../../../../engine/source/postgres/url.ts';
import type { SourceEvents } from '../../../../engine/source/source.ts';
import { startPostgres, type PostgresOptions, type PostgresServer } from '../../../support/postgres.ts';

export const VERSIONS = ['15', '18'] as const;

/** A server that ends with the test. */
export async function serverFor(t: Pick<TestContext, 'after'>, options: PostgresOptions): Promise<PostgresServer> {
  const server = await startPostgres(options);
  t.after(() => server.destroy());
  return server;
}

export function optionsFor(tables: string, fields: Partial<PreflightOptions> = {}): PreflightOptions {
  const names = { changefeed: 'shop', slot: 'millrace_shop', publication: 'millrace_shop' };
  return { ...names, tables: tables.split(','), viaPartitionRoot: true, adoptSlot: false, ...fields };
}

/** One changefeed against one database: what a capture does at its start, with a checkpoint kept in memory. */
export class Starter {
  /** What the store would hold. */
  stored: StoredStart | null = null;
  /** Every save, in order. */
  readonly saves: StoredStart[] = [];
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
    const save = async (start: StoredStart) => {
      this.stored = start;
      this.saves.push(start);
      crash(this.saves.length);
    };
    const point = await beginStart(connections, plan, { events: this.events, save, patienceMs: 100 });
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
export async function endOfLog(server: PostgresServer): Promise<string> {
  return (await server.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn'))[0]!.lsn;
}

/** The rows that a slot has to give through a publication: table names of its inserts and the number of all changes, without consuming them. */
export async function changesOf(server: PostgresServer, slot: string, publication: string, database = 'postgres'): Promise<string> {
  const sql = `SELECT chr(get_byte(data, 0)) AS kind FROM pg_logical_slot_peek_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)`;
  const rows = await server.query<{ kind: string }>(sql, [slot, publication], database);
  return rows.map(({ kind }) => kind).join('');
}
