import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { PostgresServer } from '../support/postgres.ts';
import type { CommittedTransaction, WorkKind } from './history.ts';
import type { Random } from './random.ts';
import { SHARED_TABLES, TRUNCATED_TABLE, Work } from './work.ts';

/** Tables that are exported; the ledger, by which a writer finds out what became of a commit without an answer, is not. */
export const TABLES: readonly string[] = [...SHARED_TABLES, TRUNCATED_TABLE];
export const SCHEMA = `
  ${TABLES.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY, version bigint NOT NULL, pad text NOT NULL);`).join('\n  ')}
  CREATE TABLE ledger (attempt uuid PRIMARY KEY);
  CREATE EXTENSION pg_walinspect;`;

/** What a writer does while nobody wishes for anything. */
const EVERYDAY: readonly WorkKind[] = ['small', 'small', 'small', 'small', 'small', 'savepoint', 'key change', 'prepared'];
/** Of so many transactions one has a TRUNCATE: a snapshot then meets some, and most of its readings none. */
const TRUNCATE_EVERY = 400;
const RECONNECT_MS = 50;
/** A prepared transaction is decided within so many milliseconds. */
const PREPARED_MS = 30;

interface Attempt {
  /** Its name in the ledger. A server that crashed before a commit was in its log gives the same xid to another transaction. */
  readonly id: string;
  readonly kind: WorkKind;
  xid: bigint | null;
  commitSent: boolean;
}

/** Writes random transactions, one after the other, and records what was committed. */
export class Writer {
  readonly committed: CommittedTransaction[] = [];
  /** The kind that is under way, for the report. */
  current: WorkKind = 'small';
  private readonly database: PostgresServer;
  private readonly random: Random;
  private readonly work: Work;
  private stopping = false;
  private gaveUp = false;
  private wish: WorkKind | null = null;
  private done: Promise<void> = Promise.resolve();

  constructor(database: PostgresServer, random: Random, index: number) {
    this.database = database;
    this.random = random;
    this.work = new Work(random, index);
  }

  /** Fills a table before anything else happens. */
  async fill(table: string, rows: number, padBytes: number): Promise<void> {
    const client = await this.connect();
    const attempt = this.attempt('big');
    await this.transact(client, attempt, () => this.work.insertMany(client, table, rows, padBytes));
    this.record(attempt);
    await client.end();
  }

  start(): void {
    this.done = this.run();
    // Who waits for it in `stop` hears of an error; who gave it up need not.
    this.done.catch(() => undefined);
  }

  /** The next transaction is of this kind. */
  request(kind: WorkKind): void {
    this.wish = kind;
  }

  /** Finishes the transaction under way, finding out its outcome. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  /** Ends without a word about the transaction under way. */
  giveUp(): void {
    this.stopping = true;
    this.gaveUp = true;
  }

  private async run(): Promise<void> {
    let client: pg.Client | null = null;
    while (!this.stopping) {
      const attempt = this.attempt(this.wish ?? this.everyday());
      this.wish = null;
      this.current = attempt.kind;
      try {
        const connected: pg.Client = (client ??= await this.connect());
        if (await this.transact(connected, attempt, () => this.work.run(connected, attempt.kind))) this.record(attempt);
        else this.work.undo();
      } catch {
        await client?.end().catch(() => undefined);
        if (this.gaveUp) return;
        client = await this.connect();
        if (await this.wasCommitted(client, attempt)) this.record(attempt);
        else this.work.undo();
      }
    }
    await client?.end();
  }

  private everyday(): WorkKind {
    return this.random.below(TRUNCATE_EVERY) === 0 ? 'truncate' : this.random.pick(EVERYDAY);
  }

  private attempt(kind: WorkKind): Attempt {
    this.work.begin();
    return { id: randomUUID(), kind, xid: null, commitSent: false };
  }

  /** Returns whether it was committed. */
  private async transact(client: pg.Client, attempt: Attempt, work: () => Promise<void>): Promise<boolean> {
    await client.query('BEGIN');
    const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    attempt.xid = BigInt(rows[0]!.xid);
    await client.query('INSERT INTO ledger VALUES ($1)', [attempt.id]);
    await work();
    if (attempt.kind === 'prepared') return await this.prepare(client, attempt);
    attempt.commitSent = true;
    await client.query('COMMIT');
    return true;
  }

  /** In two phases, the second of which undoes every third. */
  private async prepare(client: pg.Client, attempt: Attempt): Promise<boolean> {
    await client.query(`PREPARE TRANSACTION '${attempt.id}'`);
    await delay(this.random.below(PREPARED_MS));
    const isUndone = this.random.below(3) === 0;
    attempt.commitSent = !isUndone;
    await client.query(`${isUndone ? 'ROLLBACK' : 'COMMIT'} PREPARED '${attempt.id}'`);
    return !isUndone;
  }

  private record({ kind, xid }: Attempt): void {
    this.work.keep();
    this.committed.push({ xid: Number(BigInt.asIntN(32, xid!)), kind, changes: this.work.changes, knownAtMs: performance.now() });
  }

  private async connect(): Promise<pg.Client> {
    while (!this.gaveUp) {
      try {
        return await this.database.client();
      } catch {
        await delay(RECONNECT_MS);
      }
    }
    throw new Error('the writer gave up');
  }

  /** The answer to a commit got lost: its row in the ledger says whether it happened. What is still prepared is undone. */
  private async wasCommitted(client: pg.Client, { id, commitSent }: Attempt): Promise<boolean> {
    const prepared = await client.query('SELECT 1 FROM pg_prepared_xacts WHERE gid = $1', [id]);
    if (prepared.rows.length === 1) await client.query(`ROLLBACK PREPARED '${id}'`);
    if (!commitSent) return false;
    const { rows } = await client.query('SELECT 1 FROM ledger WHERE attempt = $1', [id]);
    return rows.length === 1;
  }
}
