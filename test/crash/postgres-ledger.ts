import type pg from 'pg';
import type { Position } from '../../engine/change/position.ts';
import { lsnOf } from '../support/lsn-of.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { startPostgres, type PostgresServer } from '../support/postgres.ts';
import { keyOf, lsnBytes, WORK_KINDS, type WorkKind } from './history.ts';
import { schemaOf, selectAll, type Ledger, type Named, type Series, type Session } from './ledger.ts';
import { TABLES } from './work.ts';

/** Before anything that a test server wrote; the first segment of a new cluster. */
const FIRST_LSN = '0/1000000';

/** PostgreSQL; messages name transactions by the low 32 bits of their xid, signed. */
export class PostgresLedger implements Ledger {
  readonly kinds = WORK_KINDS;
  readonly everyday: readonly WorkKind[] = ['small', 'small', 'small', 'small', 'small', 'savepoint', 'key change', 'prepared'];
  private readonly server: PostgresServer;

  private constructor(server: PostgresServer) {
    this.server = server;
  }

  static async open(): Promise<PostgresLedger> {
    // The log is kept to its beginning: the commits' places are read from it at the end.
    const server = await startPostgres({ version: '15', settings: { wal_keep_size: '8GB', max_prepared_transactions: 10 } });
    await server.query(`${schemaOf(TABLES)} CREATE TABLE ledger (attempt uuid PRIMARY KEY); CREATE EXTENSION pg_walinspect;`);
    return new PostgresLedger(server);
  }

  sourceOptions(workers: number): MillraceOptions {
    // TCP and the Unix socket are read in different ways.
    return { SOURCE_URL: workers === 1 ? this.server.socketUrl() : this.server.url(), TABLES: TABLES.join(',') };
  }

  async connect(): Promise<Session> {
    return new PostgresSession(await this.server.client());
  }

  kill9(): Promise<void> {
    return this.server.kill9();
  }

  start(): Promise<void> {
    return this.server.start();
  }

  destroy(): Promise<void> {
    return this.server.destroy();
  }

  async begin(): Promise<bigint> {
    const [slot] = await this.server.query<{ lsn: string }>('SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots');
    if (slot === undefined) throw new Error('there is no slot yet');
    return lsnBytes(slot.lsn);
  }

  async end(): Promise<bigint> {
    const [end] = await this.server.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
    return lsnBytes(end!.lsn);
  }

  placeOf(position: Position | null | undefined): bigint {
    const lsn = lsnOf(position);
    return lsn === undefined ? 0n : lsnBytes(lsn);
  }

  async commitEnds(from = 0n): Promise<ReadonlyMap<number, bigint>> {
    const begin = from === 0n ? FIRST_LSN : `${(from >> 32n).toString(16)}/${(from & 0xffff_ffffn).toString(16)}`;
    // The record that commits a prepared transaction belongs to none; its description begins with the one that it commits.
    const rows = await this.server.query<{ xid: string; end: string }>(
      `SELECT CASE record_type WHEN 'COMMIT_PREPARED' THEN split_part(description, ':', 1) ELSE xid::text END AS xid, end_lsn::text AS end
         FROM pg_get_wal_records_info($1, pg_current_wal_flush_lsn())
        WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'`,
      [begin],
    );
    return new Map(rows.map(({ xid, end }) => [Number(BigInt.asIntN(32, BigInt(xid))), lsnBytes(end)]));
  }

  numberOf({ xid }: Named): number | undefined {
    return xid;
  }

  async tableRows(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.server.query<{ name: string; id: number; version: string }>(selectAll(TABLES));
    return new Map(rows.map(({ name, id, version }) => [keyOf({ table: name, id }), Number(version)]));
  }
}

class PostgresSession implements Session {
  private readonly client: pg.Client;

  constructor(client: pg.Client) {
    this.client = client;
  }

  query(sql: string, values: readonly (string | number)[] = []): Promise<unknown> {
    return this.client.query(sql, [...values]);
  }

  /** A server that crashed before a commit was in its log gives the same xid to another transaction: `attempt` tells them apart. */
  async begin(attempt: string): Promise<number> {
    await this.client.query('BEGIN');
    const { rows } = await this.client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    await this.client.query('INSERT INTO ledger VALUES ($1)', [attempt]);
    return Number(BigInt.asIntN(32, BigInt(rows[0]!.xid)));
  }

  async insertSeries({ table, first, last, id, version, padBytes }: Series): Promise<void> {
    await this.client.query(
      `INSERT INTO ${table} (id, version, pad)
       SELECT ${id}, $3, (SELECT left(string_agg(md5(n::text || k), ''), $4) FROM generate_series(1, $4::int / 32 + 1) k)
         FROM generate_series($1::int8, $2::int8) n`,
      [first, last, version, padBytes],
    );
  }

  async wasCommitted(attempt: string, commitSent: boolean): Promise<boolean> {
    const prepared = await this.client.query('SELECT 1 FROM pg_prepared_xacts WHERE gid = $1', [attempt]);
    if (prepared.rows.length === 1) await this.client.query(`ROLLBACK PREPARED '${attempt}'`);
    if (!commitSent) return false;
    const { rows } = await this.client.query('SELECT 1 FROM ledger WHERE attempt = $1', [attempt]);
    return rows.length === 1;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}
