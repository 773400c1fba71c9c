import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';

/** A transaction that has written to one of the tables, or may have, and is not over. */
interface Writer {
  /** `pg_locks.virtualtransaction`: of a prepared transaction `-1/xid`. */
  readonly id: string;
  /** Null for a prepared transaction. */
  readonly pid: number | null;
}

// Whoever changes a row of a table has one of these locks on it until the change is shown to everybody.
const WRITERS = `
  SELECT DISTINCT virtualtransaction AS id, pid FROM pg_locks
   WHERE locktype = 'relation' AND granted AND relation = ANY ($1::oid[])
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
     AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

const LOOK_MS = 20;
/** How long it may take before it is told for whom, and how often again. */
const PATIENCE_MS = 10_000;

export interface WritersWait {
  readonly client: ClientBase;
  /** The table, and where its rows lie. */
  readonly oids: readonly number[];
  /** Called when it takes long: with whom it waits for. */
  readonly onSlow: (who: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until every transaction is over that has written to the tables and not ended by now. A snapshot that is taken then shows all that
 * was in the stream before, although a commit can be streamed before it is shown, and all that was written before the table's changes were
 * published. Transactions that wrote elsewhere only are not waited for, however old.
 */
export async function untilWritersEnd({ client, oids, onSlow, signal }: WritersWait): Promise<void> {
  let waited = await readWriters(client, oids);
  let toldMs = performance.now();
  while (waited.length > 0) {
    await delay(LOOK_MS, undefined, { signal });
    const now = new Set((await readWriters(client, oids)).map(({ id }) => id));
    waited = waited.filter(({ id }) => now.has(id));
    if (waited.length === 0 || performance.now() - toldMs < PATIENCE_MS) continue;
    toldMs = performance.now();
    onSlow(
      waited
        .map(({ id, pid }) => (pid === null ? `a prepared transaction (pg_prepared_xacts, xid ${id.slice(3)})` : `pid ${pid}`))
        .join(', '),
    );
  }
}

async function readWriters(client: ClientBase, oids: readonly number[]): Promise<Writer[]> {
  return (await client.query<Writer>(WRITERS, [oids])).rows;
}
