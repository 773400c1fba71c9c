import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { PostgresServer } from '../support/postgres.ts';
import { until } from '../support/wait.ts';
import type { Feed } from './servers.ts';

/** Time between two transactions: enough rows for a test, not enough to fill a broker's queue. */
const PAUSE_MS = 5;
const RECONNECT_MS = 50;

/**
 * Inserts rows into `t (id serial)`, two a transaction, until it is stopped; a lost database is waited for.
 * What the table holds is the truth.
 */
export class RowWriter {
  private readonly database: PostgresServer;
  private readonly name: string;
  private stopping = false;
  private inserted = 0;
  private done: Promise<void> = Promise.resolve();

  private constructor(database: PostgresServer, name: string) {
    this.database = database;
    this.name = name;
  }

  /** Writes into the database `name`. */
  static start(database: PostgresServer, name: string): RowWriter {
    const writer = new RowWriter(database, name);
    writer.done = writer.run();
    return writer;
  }

  /** Waits until so many more rows were committed. */
  async untilMore(rows: number): Promise<void> {
    const wanted = this.inserted + rows;
    await until(() => this.inserted >= wanted, { deadlineMs: 60_000, what: () => `${wanted} rows to be written (${this.inserted} are)` });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  private async run(): Promise<void> {
    let client: pg.Client | null = null;
    while (!this.stopping) {
      try {
        client ??= await this.database.client(this.name);
        await client.query('INSERT INTO t (pad) SELECT repeat(md5(random()::text), 4) FROM generate_series(1, 2)');
        this.inserted += 2;
        await delay(PAUSE_MS);
      } catch {
        client?.end().catch(() => undefined);
        client = null;
        await delay(RECONNECT_MS);
      }
    }
    await client?.end();
  }
}

/** Stops, and asserts that each row is in the topic exactly once and that one capture did all of it. */
export async function assertOnce(feed: Feed, writer: RowWriter): Promise<void> {
  await writer.stop();
  await feed.untilConfirmed();
  assert.equal(await feed.engine.metric('millrace_capture_restarts_total'), 0, feed.engine.tail());
  assert.deepEqual(await feed.engine.stop(), { code: 0, signal: null });
  const rows = await feed.query<{ id: string }>('SELECT id::text FROM t ORDER BY t.id');
  const found = (await feed.messages()).map(({ data }) => Number(data['id'])).toSorted((a, b) => a - b);
  assert.deepEqual(
    found,
    rows.map(({ id }) => Number(id)),
  );
}
