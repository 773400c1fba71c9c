import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommittedTransaction, WorkKind } from './history.ts';
import type { Ledger, Session } from './ledger.ts';
import type { Random } from './random.ts';
import { Work } from './work.ts';

/** Of so many transactions one has a TRUNCATE: a snapshot then meets some, and most of its readings none. */
const TRUNCATE_EVERY = 400;
const RECONNECT_MS = 50;
/** A prepared transaction is decided within so many milliseconds. */
const PREPARED_MS = 30;

interface Attempt {
  /** Its name in the ledger. */
  readonly id: string;
  readonly kind: WorkKind;
  xid: number | null;
  commitSent: boolean;
}

/** Writes random transactions, one after the other, and records what was committed. */
export class Writer {
  readonly committed: CommittedTransaction[] = [];
  /** The kind that is under way, for the report. */
  current: WorkKind = 'small';
  private readonly ledger: Ledger;
  private readonly random: Random;
  private readonly work: Work;
  private stopping = false;
  private gaveUp = false;
  private wish: WorkKind | null = null;
  private done: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, random: Random, index: number) {
    this.ledger = ledger;
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
    let client: Session | null = null;
    while (!this.stopping) {
      const attempt = this.attempt(this.wish ?? this.everyday());
      this.wish = null;
      this.current = attempt.kind;
      try {
        const connected: Session = (client ??= await this.connect());
        if (await this.transact(connected, attempt, () => this.work.run(connected, attempt.kind))) this.record(attempt);
        else this.work.undo();
      } catch {
        await client?.end().catch(() => undefined);
        if (this.gaveUp) return;
        client = await this.connect();
        if (await client.wasCommitted(attempt.id, attempt.commitSent)) this.record(attempt);
        else this.work.undo();
      }
    }
    await client?.end();
  }

  private everyday(): WorkKind {
    const { kinds, everyday } = this.ledger;
    const isRare = kinds.includes('truncate') && this.random.below(TRUNCATE_EVERY) === 0;
    return isRare ? 'truncate' : this.random.pick(everyday);
  }

  private attempt(kind: WorkKind): Attempt {
    this.work.begin();
    return { id: randomUUID(), kind, xid: null, commitSent: false };
  }

  /** Returns whether it was committed. */
  private async transact(client: Session, attempt: Attempt, work: () => Promise<void>): Promise<boolean> {
    await this.work.prepare(client, attempt.kind);
    attempt.xid = await client.begin(attempt.id);
    await work();
    if (attempt.kind === 'rollback') {
      await client.query('ROLLBACK');
      return false;
    }
    if (attempt.kind === 'prepared') return await this.prepare(client, attempt);
    attempt.commitSent = true;
    await client.query('COMMIT');
    return true;
  }

  /** In two phases, the second of which undoes every third. */
  private async prepare(client: Session, attempt: Attempt): Promise<boolean> {
    await client.query(`PREPARE TRANSACTION '${attempt.id}'`);
    await delay(this.random.below(PREPARED_MS));
    const isUndone = this.random.below(3) === 0;
    attempt.commitSent = !isUndone;
    await client.query(`${isUndone ? 'ROLLBACK' : 'COMMIT'} PREPARED '${attempt.id}'`);
    return !isUndone;
  }

  private record({ kind, xid }: Attempt): void {
    this.work.keep();
    this.committed.push({ xid: xid!, kind, changes: this.work.changes, knownAtMs: performance.now() });
  }

  private async connect(): Promise<Session> {
    while (!this.gaveUp) {
      try {
        return await this.ledger.connect();
      } catch {
        await delay(RECONNECT_MS);
      }
    }
    throw new Error('the writer gave up');
  }
}
