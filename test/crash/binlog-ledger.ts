import type { Position } from '../../engine/change/position.ts';
import { startMariadb } from '../support/mariadb.ts';
import type { MillraceOptions } from '../support/millrace.ts';
import { startMysql } from '../support/mysql.ts';
import type { MysqlRow, MysqlServer } from '../support/mysql-server.ts';
import { until } from '../support/wait.ts';
import { BinlogSession, NUMBERS_TABLE } from './binlog-session.ts';
import { BINLOG_WORK_KINDS, keyOf, type WorkKind } from './history.ts';
import { schemaOf, selectAll, type Ledger, type Named, type Session } from './ledger.ts';
import { BIG_ROWS, SHARED_TABLES } from './work.ts';

const DATABASE = 'shop';
/** Within it the engine has connected again. */
const RECONNECT_MS = 60_000;
/** Larger than what an event may say of its end in a file's first 4 GB, as positions have it. */
const OFFSET_BITS = 40n;

/** Which server a run has, and how its log is followed. */
export interface BinlogVariant {
  readonly flavor: 'mariadb' | 'mysql';
  /** From a file's offset on, instead of from the log's beginning; of MySQL from then on too, since its transactions have no GTIDs. */
  readonly isByFile: boolean;
}

/** All variants in four seeds in a row; in eight, each with workers of either number. */
export function binlogVariantOf(seed: number): BinlogVariant {
  return { flavor: (seed & 2) === 0 ? 'mariadb' : 'mysql', isByFile: ((seed ^ (seed >> 2)) & 1) === 1 };
}

/** `mysql`, `mariadb by file`. */
export function variantName({ flavor, isByFile }: BinlogVariant): string {
  return isByFile ? `${flavor} by file` : flavor;
}

/** What makes a server log the statement beside its rows, where it does not by itself. */
const SETTINGS = { mariadb: {}, mysql: { 'binlog-rows-query-log-events': 'ON' } };
const NO_GTIDS = { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' };

/**
 * MariaDB or MySQL. Messages name transactions by their GTID, which the server gives out with the commit, or without those by the place of
 * the rows: the log itself, as the server shows it, says which attempt that was.
 */
export class BinlogLedger implements Ledger {
  readonly kinds = BINLOG_WORK_KINDS;
  readonly everyday: readonly WorkKind[] = ['small', 'small', 'small', 'small', 'small', 'savepoint', 'key change', 'rollback'];
  private readonly variant: BinlogVariant;
  private readonly server: MysqlServer;
  /** `file:offset` behind what is not owed. */
  private readonly origin: string;
  /** By attempt. */
  private readonly numbers = new Map<string, number>();
  /** By GTID and by the place of each event with rows, as far as the log was read. */
  private readonly numberByName = new Map<string, number>();

  private constructor(variant: BinlogVariant, server: MysqlServer, origin: string) {
    this.variant = variant;
    this.server = server;
    this.origin = origin;
  }

  static async open(variant: BinlogVariant): Promise<BinlogLedger> {
    const { flavor, isByFile } = variant;
    const hasGtids = flavor === 'mariadb' || !isByFile;
    const settings = { ...SETTINGS[flavor], ...(hasGtids ? {} : NO_GTIDS) };
    const server = await (flavor === 'mariadb' ? startMariadb : startMysql)({ settings });
    const numbers = Array.from({ length: BIG_ROWS }, (_, index) => `(${index})`).join();
    await server.query(
      `CREATE DATABASE ${DATABASE}; USE ${DATABASE}; ${schemaOf(SHARED_TABLES)} CREATE TABLE ledger (attempt char(36) PRIMARY KEY);
       CREATE TABLE ${NUMBERS_TABLE} (n int PRIMARY KEY); INSERT INTO ${NUMBERS_TABLE} VALUES ${numbers}`,
    );
    if (!isByFile) return new BinlogLedger(variant, server, `${(await endOf(server)).file}:0`);
    // What lies before the start must not come out.
    for (const table of SHARED_TABLES) await server.query(`INSERT INTO ${table} VALUES (1, 1, ''); DELETE FROM ${table}`, [], DATABASE);
    const { file, offset } = await endOf(server);
    return new BinlogLedger(variant, server, `${file}:${offset}`);
  }

  sourceOptions(workers: number): MillraceOptions {
    const url = this.server.url();
    return {
      SOURCE_URL: workers === 1 ? `${url}/${DATABASE}?socket=${this.server.socketPath}` : `${url}/${DATABASE}`,
      TABLES: SHARED_TABLES.join(','),
      START_POSITION: this.variant.isByFile ? this.origin : 'oldest',
      PARTITION_BY: 'primary_key',
      ...(this.variant.isByFile ? { OUTPUT_BINLOG_POSITION: 'true' } : { OUTPUT_GTID_POSITION: 'true' }),
    };
  }

  async connect(): Promise<Session> {
    const client = await this.server.client({ database: DATABASE });
    return new BinlogSession(client, (attempt) => {
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

  /** Everything behind it is owed. */
  async begin(): Promise<bigint> {
    await this.streamThread();
    const [file, offset] = this.origin.split(':');
    return placeIn(file!, Number(offset));
  }

  async end(): Promise<bigint> {
    const { file, offset } = await endOf(this.server);
    return placeIn(file, offset);
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

  numberOf({ gtid, position }: Named): number | undefined {
    // A transaction that is not in the log is none of ours.
    return this.numberByName.get(gtid ?? position ?? '') ?? -1;
  }

  async tableRows(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.server.query<{ name: string; id: number; version: number }>(selectAll(SHARED_TABLES), [], DATABASE);
    return new Map(rows.map(({ name, id, version }) => [keyOf({ table: name, id }), version]));
  }

  /** A transaction's events are its GTID, the statement that left it in the ledger among others, rows, and its commit. */
  private readLog(events: readonly MysqlRow[], ends: Map<number, bigint>): void {
    let names: string[] = [];
    let number: number | undefined;
    for (const event of events) {
      const type = String(event['Event_type']);
      const info = String(event['Info']);
      if (/gtid$/i.test(type)) {
        names = [/GTID(?:_NEXT= ')? ?([^' ]+)/.exec(info)![1]!];
        number = undefined;
      } else if (type === 'Annotate_rows' || type === 'Rows_query') {
        number = this.numbers.get(/INSERT INTO ledger VALUES \('(.*)'\)/.exec(info)?.[1] ?? '') ?? number;
      } else if (/^(Write|Update|Delete)_rows/.test(type)) {
        names.push(`${String(event['Log_name'])}:${String(event['Pos'])}`);
      } else if (type === 'Xid' && number !== undefined) {
        ends.set(number, placeIn(String(event['Log_name']), Number(event['End_log_pos'])));
        for (const name of names) this.numberByName.set(name, number);
      }
    }
  }

  /** Rejects when there is none. */
  private async streamThread(): Promise<number> {
    const sql = "SELECT id AS id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'";
    const [thread] = await this.server.query<{ id: number }>(sql);
    if (thread === undefined) throw new Error('nobody reads the log yet');
    return thread.id;
  }
}

async function endOf(server: MysqlServer): Promise<{ file: string; offset: number }> {
  const [end] = await server.query('SHOW MASTER STATUS');
  return { file: String(end!['File']), offset: Number(end!['Position']) };
}

function placeIn(file: string, offset: number): bigint {
  return (BigInt(/(\d+)$/.exec(file)?.[1] ?? '0') << OFFSET_BITS) | BigInt(offset);
}
