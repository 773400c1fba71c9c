import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { until } from '../support/wait.ts';
import type { Feed } from './servers.ts';
import type { Message } from './stage.ts';

const KEYS = 20;
/** Time between two transactions: rows come all the time, and no more of them than a test can read again. */
const PAUSE_MS = 3;

/** What a table of counters is made with. */
export function countersOf(table: string): string {
  return `CREATE TABLE ${table} (id int PRIMARY KEY, n int NOT NULL); INSERT INTO ${table} SELECT k, 0 FROM generate_series(1, ${KEYS}) k;`;
}

/**
 * Counts up the rows of a table, several a transaction, until it is stopped. Each key's messages then count without a gap, a repeat or a
 * step back: what is lost, repeated or out of order shows.
 */
export class CounterWriter {
  readonly table: string;
  private isStopping = false;
  private transactions = 0;
  private done: Promise<void> = Promise.resolve();

  private constructor(table: string) {
    this.table = table;
  }

  static async start(t: { after(end: () => Promise<void>): void }, feed: Feed, table: string): Promise<CounterWriter> {
    const writer = new CounterWriter(table);
    const client = await feed.client();
    writer.done = writer.run(client);
    t.after(() => writer.stop());
    return writer;
  }

  /** Waits until so many more transactions were committed. */
  async untilMore(transactions: number): Promise<void> {
    const wanted = this.transactions + transactions;
    const what = () => `${wanted} transactions on ${this.table} (${this.transactions} are)`;
    await until(() => this.transactions >= wanted, { deadlineMs: 60_000, what });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.done;
  }

  private async run(client: pg.Client): Promise<void> {
    try {
      while (!this.isStopping) {
        const first = 1 + (this.transactions % (KEYS - 2));
        await client.query(`UPDATE ${this.table} SET n = n + 1 WHERE id BETWEEN ${first} AND ${first + 2}`);
        this.transactions += 1;
        await delay(PAUSE_MS);
      }
    } finally {
      await client.end();
    }
  }
}

/** Stops the writer, and asserts that every change of the table is there once and in its order, from the first one on. */
export async function assertCounted(feed: Feed, writer: CounterWriter): Promise<void> {
  await writer.stop();
  await feed.untilConfirmed();
  const rows = await feed.query<{ id: number; n: number }>(`SELECT id, n FROM ${writer.table} ORDER BY id`);
  const messages = (await feed.messages()).filter(({ table, type }) => table === writer.table && type === 'update');
  const counted = new Map<unknown, unknown[]>();
  for (const { data } of messages) counted.set(data['id'], [...(counted.get(data['id']) ?? []), data['n']]);
  for (const { id, n } of rows) {
    assert.deepEqual(
      counted.get(id) ?? [],
      Array.from({ length: n }, (_, index) => index + 1),
      `key ${id} of ${writer.table}`,
    );
  }
}

/** Messages about one table. */
export async function messagesOf(feed: Feed, table: string): Promise<Message[]> {
  return (await feed.messages()).filter((message) => message.table === table);
}
