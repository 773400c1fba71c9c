import type { ClientBase } from 'pg';

/** How large a relation is and how its rows are told apart. */
export interface RelationSize {
  readonly oid: number;
  /** With its out-of-line values and without its indexes; 0 for what stores nothing itself. */
  readonly bytes: number;
  /** The server's estimate; null when it has none yet. */
  readonly rows: number | null;
  /** Columns of the primary key, in its order; empty without one. */
  readonly key: readonly string[];
  /** Of a materialized view: it was filled. True for everything else. */
  readonly isPopulated: boolean;
}

const SIZES = `
  SELECT c.oid, coalesce(pg_table_size(c.oid), 0)::float8 AS bytes, nullif(c.reltuples, -1)::float8 AS rows,
         coalesce((SELECT json_agg(a.attname ORDER BY k.place) FROM pg_index i
                     CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                    WHERE i.indrelid = c.oid AND i.indisprimary AND k.place <= i.indnkeyatts), '[]') AS key,
         c.relispopulated AS "isPopulated"
    FROM pg_class c WHERE c.oid = ANY ($1::oid[])`;

/** Sizes of relations by their oid; those that are gone are missing. */
export async function readSizes(client: ClientBase, oids: readonly number[]): Promise<Map<number, RelationSize>> {
  const { rows } = await client.query<RelationSize>(SIZES, [oids]);
  return new Map(rows.map((size) => [size.oid, size]));
}

/** Of the server: it waited for a lock for as long as it was told to. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Long enough for locks of statements that take a moment. */
const LOCK_WAIT = '200ms';

/** Runs `read` on a session that waits so long for a lock: for one that is held longer it is rejected with what `isLocked` tells. */
export async function withLockWait<T>(client: ClientBase, wait: string, read: () => Promise<T>): Promise<T> {
  await client.query(`SET lock_timeout = '${wait}'`);
  try {
    return await read();
  } finally {
    await client.query('RESET lock_timeout');
  }
}

export function isLocked(error: unknown): boolean {
  return (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
}

/** As `readSizes`; those that somebody holds locked (ACCESS EXCLUSIVE) are missing, too. */
export async function readUnlockedSizes(client: ClientBase, oids: readonly number[]): Promise<Map<number, RelationSize>> {
  return await withLockWait(client, LOCK_WAIT, async () => new Map(await unlockedIn(client, oids)));
}

/** The server does not say which one it waited for: halves are asked for, down to that one. */
async function unlockedIn(client: ClientBase, oids: readonly number[]): Promise<(readonly [number, RelationSize])[]> {
  try {
    return [...(await readSizes(client, oids))];
  } catch (error) {
    if (!isLocked(error)) throw error;
    if (oids.length === 1) return [];
    const middle = oids.length >> 1;
    return [...(await unlockedIn(client, oids.slice(0, middle))), ...(await unlockedIn(client, oids.slice(middle)))];
  }
}
