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
