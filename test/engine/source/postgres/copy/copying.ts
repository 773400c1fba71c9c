import type { TestContext } from 'node:test';
import type pg from 'pg';
import { openSession, type Session } from '../../../../../engine/source/postgres/connection.ts';
import type { PostgresSnapshot } from '../../../../../engine/source/postgres/copy/snapshot.ts';
import { openSnapshot, type SnapshotRequest } from '../../../../../engine/source/postgres/open-snapshot.ts';
import { planTables } from '../../../../../engine/source/postgres/tables-preflight.ts';
import { parseConnectionUrl } from '../../../../../engine/source/postgres/url.ts';
import { TableVersions } from '../../../../../engine/source/versions.ts';
import type { PostgresServer } from '../../../../support/postgres.ts';
import { optionsFor } from '../starts.ts';

/** A database of its own on a server, and what reads its tables. */
export class Copying {
  readonly server: PostgresServer;
  readonly name: string;
  private readonly t: TestContext;

  private constructor(t: TestContext, server: PostgresServer, name: string) {
    this.t = t;
    this.server = server;
    this.name = name;
  }

  /** `schema` runs in the new database, each statement on its own. */
  static async open(t: TestContext, server: PostgresServer, schema: string): Promise<Copying> {
    const [row] = await server.query<{ name: string }>("SELECT 'copy_' || count(*) AS name FROM pg_database");
    await server.query(`CREATE DATABASE ${row!.name}`);
    const copying = new Copying(t, server, row!.name);
    await copying.query(schema);
    return copying;
  }

  get settings(): ReturnType<typeof parseConnectionUrl>['settings'] {
    // TCP for one version, a Unix socket for the other: they are read in different ways.
    const url = this.server.version === '18' ? this.server.socketUrl(this.name) : this.server.url(this.name);
    return parseConnectionUrl(url, {}).settings;
  }

  async query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]> {
    return await this.server.query<Row>(sql, values, this.name);
  }

  async client(): Promise<pg.Client> {
    const client = await this.server.client(this.name);
    this.t.after(() => client.end());
    return client;
  }

  async session(): Promise<Session> {
    const session = await openSession({ settings: this.settings, kind: 'query', warn: () => undefined });
    this.t.after(() => session.close());
    return session;
  }

  async oid(table: string): Promise<number> {
    return (await this.query<{ oid: number }>(`SELECT '${table}'::regclass::oid AS oid`))[0]!.oid;
  }

  /** A snapshot of all tables, open; null when a stored one leaves nothing to read. */
  async snapshot(fields: Partial<SnapshotRequest> = {}, tables = '*.*'): Promise<PostgresSnapshot | null> {
    const options = optionsFor(tables, { readOnce: { mviews: true } });
    const { tables: selected } = await planTables(await this.client(), options, null);
    let version = 0;
    const events = { warn: () => undefined, info: () => undefined };
    const names = { settings: this.settings, viaRoot: true, publication: null, slot: 'none', events };
    const request = {
      mode: 'FULL',
      stored: null,
      connections: 2,
      unitBytes: 1e9,
      lineBytesMax: 1e6,
      walLimitBytes: null,
      walLimitDrops: false,
    } as const;
    const parts = { ...names, tables: selected, versions: new TableVersions(() => ++version) };
    const snapshot = await openSnapshot({ ...request, ...fields }, parts, null);
    this.t.after(() => snapshot?.close());
    return snapshot;
  }
}
