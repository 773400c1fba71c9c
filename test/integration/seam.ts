import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Feed, KeyedMessage } from './servers.ts';

/** The rows that the writers leave alone come first, so that each of their statements meets one that it can change. */
export const ROWS = 20_000;

export const SEAM_SCHEMA = `
  CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL, pad text NOT NULL DEFAULT repeat('x', 60));
  INSERT INTO t SELECT n, 0 FROM generate_series(1, ${ROWS}) n;`;

/** Writes as applications do, each round with ids of its own: inserts, updates, new keys, deletes, savepoints, prepared transactions. */
export class SeamWriter {
  rounds = 0;
  private readonly client: pg.Client;
  private readonly base: number;
  private isStopped = false;
  private ended: Promise<void> | null = null;

  /** @param number of this writer among the others, from 0 */
  constructor(client: pg.Client, number: number) {
    this.client = client;
    this.base = number;
  }

  begin(): void {
    this.ended = this.write();
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    await this.ended;
    await this.client.end();
  }

  private async write(): Promise<void> {
    while (!this.isStopped) {
      const round = this.rounds * 4 + this.base;
      // A row of the snapshot, spread over all of its units, and one that is new.
      const old = ((round * 7919) % ROWS) + 1;
      const fresh = 1_000_000 + round * 10;
      await this.run(`INSERT INTO t VALUES (${fresh}, 1), (${fresh + 1}, 1); UPDATE t SET v = v + 1 WHERE id = ${old}`);
      await this.run(`BEGIN; UPDATE t SET v = 2 WHERE id = ${fresh}; SAVEPOINT s; INSERT INTO t VALUES (${fresh + 2}, 3);
        ROLLBACK TO s; SAVEPOINT r; INSERT INTO t VALUES (${fresh + 3}, 3); RELEASE r; COMMIT`);
      await this.run(`UPDATE t SET id = ${fresh + 4}, v = v + 1 WHERE id = ${fresh + 1}; DELETE FROM t WHERE id = ${old} AND v > 2`);
      await this.run(`BEGIN; UPDATE t SET v = v + 1 WHERE id = ${old}; INSERT INTO t VALUES (${fresh + 5}, 1);
        PREPARE TRANSACTION 'seam_${round}'`);
      await this.run(this.rounds % 3 === 0 ? `ROLLBACK PREPARED 'seam_${round}'` : `COMMIT PREPARED 'seam_${round}'`);
      this.rounds += 1;
    }
  }

  private async run(sql: string): Promise<void> {
    await this.client.query(sql);
  }
}

type State = Map<number, string>;

const idOf = (row: Record<string, unknown>): number => row['id'] as number;

/**
 * The table as the messages of one partition make it.
 * @param once each change comes once: an insert never meets its key, any other message always does
 */
export function fold(messages: readonly KeyedMessage[], once: boolean): State {
  const state: State = new Map();
  for (const { type, data, old } of messages) {
    const before = type === 'update' ? idOf(old!) : idOf(data);
    if (once) assert.equal(state.has(before), type !== 'insert', `${type} of ${before}, ${JSON.stringify(data)}`);
    if (type !== 'insert') state.delete(before);
    if (type !== 'delete') state.set(idOf(data), JSON.stringify(data));
  }
  return state;
}

/** Holds what messages make of the table against the table. */
export async function assertSame(feed: Pick<Feed, 'query'>, state: State): Promise<void> {
  const rows = await feed.query<{ id: number; row: string }>('SELECT id, row_to_json(t)::text AS row FROM t');
  const wrong = rows.filter(({ id, row }) => state.get(id) !== JSON.stringify(JSON.parse(row)));
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} rows are missing or stale`);
  const ids = new Set(rows.map(({ id }) => id));
  const surplus = [...state.keys()].filter((id) => !ids.has(id));
  assert.deepEqual(surplus.slice(0, 5), [], `${surplus.length} keys are there that the table does not have`);
}
