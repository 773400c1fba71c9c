import type { Connection } from 'mysql2/promise';
import type { Position } from '../../engine/change/position.ts';
import { startMariadb } from '../support/mariadb.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import type { MysqlRow, MysqlServer } from '../support/mysql-server.ts';
import { until } from '../support/wait.ts';
import { BINLOG_WORK_KINDS, keyOf, type WorkKind } from './history.ts';
import { schemaOf, selectAll, type Ledger, type Named, type Series, type Session } from './ledger.ts';
import { SHARED_TABLES } from './work.ts';

const DATABASE = 'shop';
/** Within it the engine has connected again. */
const RECONNECT_MS = 60_000;
const FIRST_FILE = 'binlog.000001';
/** Larger than what an event may say of its end in a file's first 4 GB, as positions have it. */
const OFFSET_BITS = 40n;

/**
 * MariaDB. Messages name transactions by their GTID, which the server gives out with the commit: the log itself, as the server shows it,
 * says which attempt each GTID was.
 */
export class MariadbLedger implements Ledger {
  readonly kinds = BINLOG_WORK_KINDS;
  readonly everyday: readonly WorkKind[] = ['small', 'small', 'small', 'small', 'small', 'savepoint', 'key change', 'rollback'];
  private readonly server: MysqlServer;
  /** By attempt. */
  private readonly numbers = new Map<string, number>();
  /** By GTID, as far as the log was read. */
  private readonly numberByGtid = new Map<string, number>();

  private constructor(server: MysqlServer) {
    this.server = server;
  }

  static async open(): Promise<MariadbLedger> {
    const server = await startMariadb();
    await server.query(
      `CREATE DATABASE ${DATABASE}; USE ${DATABASE}; ${schemaOf(SHARED_TABLES)} CREATE TABLE ledger (attempt char(36) PRIMARY KEY);`,
    );
    return new MariadbLedger(server);
  }

  sourceOptions(workers: number): MillraceOptions {
    const url = this.server.url();
    return {
      SOURCE_URL: workers === 1 ? `${url}/${DATABASE}?socket=${this.server.socketPath}` : `${url}/${DATABASE}`,
      TABLES: SHARED_TABLES.join(','),
      START_POSITION: 'oldest',
      PARTITION_BY: 'primary_key',
      OUTPUT_GTID_POSITION: 'true',
    };
  }

  async connect(): Promise<Session> {
    const client = await this.server.client({ database: DATABASE });
    return new MariadbSession(client, (attempt) => {
      this.numbers.set(attempt, this.numbers.size + 1);
      return this.numbers.size;
    });
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

  async killStream(): Promise<void> {
    const thread = await until(() => this.streamThread(), { deadlineMs: RECONNECT_MS, what: 'the log to be read' });
    await this.server.query(`KILL ${thread}`);
  }

  /** Everything in the log is owed. */
  async begin(): Promise<bigint> {
    await this.streamThread();
    return placeIn(FIRST_FILE, 0);
  }

  async end(): Promise<bigint> {
    const [end] = await this.server.query('SHOW MASTER STATUS');
    return placeIn(String(end!['File']), Number(end!['Position']));
  }

  placeOf(position: Position | null | undefined): bigint {
    const part = position?.kind === 'binlog' ? position.parts[0] : undefined;
    return part === undefined ? 0n : placeIn(part.file, part.offset);
  }

  async commitEnds(from = 0n): Promise<ReadonlyMap<number, bigint>> {
    const ends = new Map<number, bigint>();
    for (const { Log_name: file } of await this.server.query('SHOW BINARY LOGS')) {
      if (placeIn(String(file), 0) >> OFFSET_BITS < from >> OFFSET_BITS) continue;
      this.readLog(await this.server.query(`SHOW BINLOG EVENTS IN '${String(file)}'`), ends);
    }
    return ends;
  }

  numberOf({ gtid }: Named): number | undefined {
    // A transaction that is not in the log is none of ours.
    return this.numberByGtid.get(gtid ?? '') ?? -1;
  }

  async tableRows(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.server.query<{ name: string; id: number; version: number }>(selectAll(SHARED_TABLES), [], DATABASE);
    return new Map(rows.map(({ name, id, version }) => [keyOf({ table: name, id }), version]));
  }

  /** A transaction's events are its GTID, the statement that left it in the ledger among others, and its commit. */
  private readLog(events: readonly MysqlRow[], ends: Map<number, bigint>): void {
    let gtid = '';
    let number: number | undefined;
    for (const event of events) {
      const info = String(event['Info']);
      switch (event['Event_type']) {
        case 'Gtid':
          gtid = /GTID (\S+)/.exec(info)![1]!;
          number = undefined;
          break;
        case 'Annotate_rows':
          number = this.numbers.get(/^INSERT INTO ledger VALUES \('(.*)'\)/.exec(info)?.[1] ?? '') ?? number;
          break;
        case 'Xid':
          if (number === undefined) break;
          ends.set(number, placeIn(String(event['Log_name']), Number(event['End_log_pos'])));
          this.numberByGtid.set(gtid, number);
          break;
      }
    }
  }

  /** Rejects when there is none. */
  private async streamThread(): Promise<number> {
    const sql = "SELECT id AS id FROM information_schema.processlist WHERE command = 'Binlog Dump'";
    const [thread] = await this.server.query<{ id: number }>(sql);
    if (thread === undefined) throw new Error('nobody reads the log yet');
    return thread.id;
  }
}

class MariadbSession implements Session {
  private readonly client: Connection;
  private readonly numberFor: (attempt: string) => number;

  constructor(client: Connection, numberFor: (attempt: string) => number) {
    this.client = client;
    this.numberFor = numberFor;
  }

  query(sql: string, values: readonly (string | number)[] = []): Promise<unknown> {
    return this.client.query(sql.replaceAll(/\$(\d+)/g, (_, place: string) => this.client.escape(values[Number(place) - 1])));
  }

  async begin(attempt: string): Promise<number> {
    const number = this.numberFor(attempt);
    await this.query('BEGIN');
    await this.query('INSERT INTO ledger VALUES ($1)', [attempt]);
    return number;
  }

  async insertSeries({ table, first, last, id, version, padBytes }: Series): Promise<void> {
    await this.query(
      `INSERT INTO ${table} (id, version, pad)
       SELECT ${id}, $1, left(repeat(md5(n), $2 DIV 32 + 1), $2) FROM (SELECT seq AS n FROM seq_${first}_to_${last}) s`,
      [version, padBytes],
    );
  }

  async wasCommitted(attempt: string, commitSent: boolean): Promise<boolean> {
    if (!commitSent) return false;
    const [rows] = await this.client.query('SELECT 1 FROM ledger WHERE attempt = ?', [attempt]);
    return (rows as readonly unknown[]).length === 1;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}

function placeIn(file: string, offset: number): bigint {
  return (BigInt(/(\d+)$/.exec(file)?.[1] ?? '0') << OFFSET_BITS) | BigInt(offset);
}
