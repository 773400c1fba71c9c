import type { ClientBase } from 'pg';
import type { QualifiedName } from '../catalog-queries.ts';
import type { RelationColumn, RelationMessage } from '../relation-message.ts';

/** A table as its rows are to be read: what the stream would say of it, and the publication's filter. */
export interface CopyTable {
  /** As the stream describes it: with the columns that it sends. */
  readonly relation: RelationMessage;
  /** Only rows for which this holds go out; null for all. */
  readonly filter: string | null;
}

/** A relation that holds rows. */
export interface CopyPart extends QualifiedName {
  readonly oid: number;
  /** `pg_class.relkind` */
  readonly kind: string;
  /** With out-of-line values. */
  readonly bytes: number;
  readonly pages: number;
  /** Pages that its rows lie in now, out-of-line values apart; 0 for what is not stored in a heap. */
  readonly heapPages: number;
  /** The server's estimate; 0 when it has none. */
  readonly rows: number;
}

// Columns of catalogues that came with PostgreSQL 15 and 18 are read through jsonb, so that one statement serves every version.
const TABLES = `
  SELECT c.oid AS "relationId", n.nspname::text AS schema, c.relname::text AS "table", c.relreplident AS identity,
         (SELECT json_agg(json_build_object('name', a.attname, 'typeOid', a.atttypid::int8, 'typeModifier', a.atttypmod,
                   'isKey', CASE c.relreplident WHEN 'f' THEN true WHEN 'n' THEN false
                                                ELSE a.attnum = ANY (k.numbers) END) ORDER BY a.attnum)
            FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND CASE WHEN l.numbers IS NOT NULL THEN a.attnum = ANY (l.numbers)
                      ELSE a.attgenerated = '' OR (a.attgenerated = 's' AND p.generated = 's') END) AS columns,
         f.filter
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (SELECT pub.oid, to_jsonb(pub)->>'pubgencols' AS generated FROM pg_publication pub WHERE pub.pubname = $2) p ON true
    LEFT JOIN LATERAL (SELECT translate(to_jsonb(r)->>'prattrs', '[] ', '{}')::int2[] AS numbers
                         FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid) l ON true
    LEFT JOIN LATERAL (SELECT to_jsonb(t)->>'rowfilter' AS filter FROM pg_publication_tables t
                        WHERE t.pubname = $2 AND t.schemaname = n.nspname AND t.tablename = c.relname) f ON true
    LEFT JOIN LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS numbers FROM pg_index i
                        WHERE i.indrelid = c.oid AND i.indislive
                          AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary AND i.indimmediate END) k ON true
   WHERE c.oid = ANY ($1::oid[])`;

const IDENTITIES: Readonly<Record<string, RelationMessage['replicaIdentity']>> = { d: 'default', f: 'full', i: 'index', n: 'nothing' };

interface TableRow extends QualifiedName {
  readonly relationId: number;
  readonly identity: string;
  readonly columns: readonly RelationColumn[] | null;
  readonly filter: string | null;
}

/**
 * What tables are read as, by their oid; those that are gone are missing.
 * @param publication whose filters and column lists hold; null without one
 */
export async function readCopyTables(
  client: ClientBase,
  oids: readonly number[],
  publication: string | null,
): Promise<Map<number, CopyTable>> {
  const { rows } = await client.query<TableRow>(TABLES, [oids, publication]);
  return new Map(
    rows.map(({ relationId, schema, table, identity, columns, filter }) => [
      relationId,
      { relation: { relationId, schema, table, replicaIdentity: IDENTITIES[identity]!, columns: columns ?? [] }, filter },
    ]),
  );
}

const PARTS = `
  SELECT c.oid, n.nspname::text AS schema, c.relname::text AS "table", c.relkind AS kind,
         coalesce(pg_table_size(c.oid), 0)::float8 AS bytes, c.relpages AS pages, greatest(c.reltuples, 0)::float8 AS rows,
         CASE WHEN c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')
              THEN ceil(pg_relation_size(c.oid)::float8 / current_setting('block_size')::int) ELSE 0 END AS "heapPages"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])`;

/** The relations with these oids; those that are gone are missing. */
export async function readCopyParts(client: ClientBase, oids: readonly number[]): Promise<Map<number, CopyPart>> {
  const { rows } = await client.query<CopyPart>(PARTS, [oids]);
  return new Map(rows.map((part) => [part.oid, part]));
}
