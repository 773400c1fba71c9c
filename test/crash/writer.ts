import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { PostgresServer } from '../support/postgres.ts';
import type { CommittedTransaction, RowChange, WorkKind } from './history.ts';
import type { Random } from './random.ts';

/** Tables that are exported; the ledger, by which a writer finds out what became of a commit without an answer, is not. */
export const TABLES = ['alpha', 'beta', 'gamma', 'delta', 'omega'] as const;
export const SCHEMA = `
  ${TABLES.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY, version bigint NOT NULL, pad text NOT NULL);`).join('\n  ')}
  CREATE TABLE ledger (attempt uuid PRIMARY KEY);
  CREATE EXTENSION pg_walinspect;`;

/** Rows of a big transaction, scaled down from what the bench does. */
const BIG_ROWS = 8000;
const SMALL_CHANGES_MAX = 6;
const LIVE_ROWS = 60;
const RECONNECT_MS = 50;

interface Attempt {
  /** Its name in the ledger. A server that crashed before a commit was in its log gives the same xid to another transaction. */
  readonly id: string;
  readonly kind: WorkKind;
  readonly changes: RowChange[];
  xid: bigint | null;
  commitSent: boolean;
}

/**
 * Writes random transactions on keys of its own, one after the other, and records what was committed. Writers share tables but no keys, so
 * each key's changes are in the order in which its writer made them. TRUNCATE would take others' rows: only one writer has the table for
 * it.
 */
export class Writer {
  readonly committed: CommittedTransaction[] = [];
  /** The kind that is under way, for the report. */
  current: WorkKind = 'small';
  private readonly database: PostgresServer;
  private readonly random: Random;
  private readonly index: number;
  private readonly writers: number;
  /** Live ids by table. */
  private readonly live: Map<string, Set<number>> = new Map(TABLES.map((table) => [table, new Set()]));
  private nextId = 0;
  private version = 0;
  private stopping = false;
  private gaveUp = false;
  private wish: WorkKind | null = null;
  private done: Promise<void> = Promise.resolve();

  constructor(database: PostgresServer, random: Random, index: number, writers: number) {
    this.database = database;
    this.random = random;
    this.index = index;
    this.writers = writers;
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
      const saved = this.copyOfLive();
      const attempt: Attempt = { id: randomUUID(), kind: this.wish ?? 'small', changes: [], xid: null, commitSent: false };
      this.wish = null;
      this.current = attempt.kind;
      try {
        client ??= await this.connect();
        await this.transact(client, attempt);
        this.record(attempt);
      } catch {
        await client?.end().catch(() => undefined);
        if (this.gaveUp) return;
        client = await this.connect();
        if (attempt.commitSent && (await this.wasCommitted(client, attempt))) this.record(attempt);
        else this.restore(saved);
      }
    }
    await client?.end();
  }

  private async transact(client: pg.Client, attempt: Attempt): Promise<void> {
    await client.query('BEGIN');
    const { rows } = await client.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid');
    attempt.xid = BigInt(rows[0]!.xid);
    await client.query('INSERT INTO ledger VALUES ($1)', [attempt.id]);
    await this.work(client, attempt);
    attempt.commitSent = true;
    await client.query('COMMIT');
  }

  private async work(client: pg.Client, attempt: Attempt): Promise<void> {
    switch (attempt.kind) {
      case 'big':
        return await this.insertMany(client, attempt);
      case 'truncate':
        await this.changeSome(client, attempt);
        return await this.truncate(client, attempt);
      case 'savepoint': {
        await this.changeSome(client, attempt);
        const saved = this.copyOfLive();
        const kept = attempt.changes.length;
        await client.query('SAVEPOINT s');
        await this.changeSome(client, attempt);
        await client.query('ROLLBACK TO s');
        attempt.changes.length = kept;
        this.restore(saved);
        return await this.changeSome(client, attempt);
      }
      case 'key change':
        for (let i = 0; i < 5; i++) await this.changeKey(client, attempt);
        return;
      case 'small':
        return await this.changeSome(client, attempt);
    }
  }

  private async changeSome(client: pg.Client, attempt: Attempt): Promise<void> {
    const count = 1 + this.random.below(SMALL_CHANGES_MAX);
    for (let i = 0; i < count; i++) {
      const table = this.random.pick(TABLES.slice(0, 4));
      const ids = [...this.live.get(table)!];
      const draw = this.random.next();
      if (ids.length === 0 || (draw < 0.4 && ids.length < LIVE_ROWS)) await this.insert(client, attempt, table);
      else if (draw < 0.8) await this.update(client, attempt, table, this.random.pick(ids));
      else if (draw < 0.9) await this.changeKey(client, attempt);
      else await this.remove(client, attempt, table, this.random.pick(ids));
    }
  }

  private async insert(client: pg.Client, attempt: Attempt, table: string): Promise<void> {
    const id = this.freshId();
    const version = this.nextVersion();
    await client.query(`INSERT INTO ${table} VALUES ($1, $2, repeat('x', $3))`, [id, version, this.random.below(300)]);
    this.live.get(table)!.add(id);
    attempt.changes.push({ table, type: 'insert', id, version });
  }

  private async update(client: pg.Client, attempt: Attempt, table: string, id: number): Promise<void> {
    const version = this.nextVersion();
    await client.query(`UPDATE ${table} SET version = $2 WHERE id = $1`, [id, version]);
    attempt.changes.push({ table, type: 'update', id, version });
  }

  private async changeKey(client: pg.Client, attempt: Attempt): Promise<void> {
    const table = this.random.pick(TABLES.slice(0, 4));
    const old = [...this.live.get(table)!][0];
    if (old === undefined) return await this.insert(client, attempt, table);
    const id = this.freshId();
    const version = this.nextVersion();
    await client.query(`UPDATE ${table} SET id = $2, version = $3 WHERE id = $1`, [old, id, version]);
    this.live.get(table)!.delete(old);
    this.live.get(table)!.add(id);
    attempt.changes.push({ table, type: 'update', id, version });
  }

  private async remove(client: pg.Client, attempt: Attempt, table: string, id: number): Promise<void> {
    await client.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    this.live.get(table)!.delete(id);
    attempt.changes.push({ table, type: 'delete', id, version: null });
  }

  private async insertMany(client: pg.Client, attempt: Attempt): Promise<void> {
    const table = this.random.pick(TABLES.slice(0, 4));
    const first = this.nextId + 1;
    this.nextId += BIG_ROWS;
    const version = this.nextVersion();
    const id = (n: number) => n * this.writers + this.index;
    await client.query(`INSERT INTO ${table} SELECT n * $3 + $4, $5, 'big' FROM generate_series($1::int, $2::int) n`, [
      first,
      this.nextId,
      this.writers,
      this.index,
      version,
    ]);
    for (let n = first; n <= this.nextId; n++) attempt.changes.push({ table, type: 'insert', id: id(n), version });
  }

  /** No message comes of it; what follows in the same transaction must. */
  private async truncate(client: pg.Client, attempt: Attempt): Promise<void> {
    if (this.index !== 0) return;
    await this.insert(client, attempt, 'omega');
    await client.query('TRUNCATE omega');
    this.live.get('omega')!.clear();
    await this.insert(client, attempt, 'omega');
  }

  private record({ kind, changes, xid }: Attempt): void {
    this.committed.push({ xid: Number(BigInt.asIntN(32, xid!)), kind, changes, knownAtMs: performance.now() });
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

  /** The answer to a commit got lost: its row in the ledger says whether it happened. */
  private async wasCommitted(client: pg.Client, { id }: Attempt): Promise<boolean> {
    const { rows } = await client.query('SELECT 1 FROM ledger WHERE attempt = $1', [id]);
    return rows.length === 1;
  }

  private freshId(): number {
    this.nextId += 1;
    return this.nextId * this.writers + this.index;
  }

  private nextVersion(): number {
    this.version += 1;
    return this.version;
  }

  private copyOfLive(): Map<string, Set<number>> {
    return new Map([...this.live].map(([table, ids]) => [table, new Set(ids)]));
  }

  private restore(saved: Map<string, Set<number>>): void {
    for (const [table, ids] of saved) this.live.set(table, ids);
  }
}
