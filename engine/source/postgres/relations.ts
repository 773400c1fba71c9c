import type { ClientBase } from 'pg';
import { escapeIdentifier } from 'pg';

/** A relation of the catalogue that a table pattern could mean. */
export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** `pg_class.relkind`: table, partitioned table, view, materialized view, foreign table. */
  readonly kind: 'r' | 'p' | 'v' | 'm' | 'f';
  /** `pg_class.relpersistence`: permanent, unlogged, temporary. */
  readonly persistence: 'p' | 'u' | 't';
  /** What it is a partition of; null for everything else. */
  readonly parent: number | null;
  /** `pg_class.relreplident`: default, nothing, full, index. */
  readonly identity: 'd' | 'n' | 'f' | 'i';
  /** The index that its replica identity names (the primary key's for default) is there. */
  readonly hasIdentityIndex: boolean;
  /** Tables inherit from it: statements that mean it alone say ONLY. */
  readonly hasInheritors: boolean;
  /** We may do what its owner may. */
  readonly isOwned: boolean;
  /** We may read all its columns. */
  readonly isReadable: boolean;
}

const RELATIONS = `
  SELECT c.oid, n.nspname AS schema, c.relname AS "table", c.relkind AS kind, c.relpersistence AS persistence,
         CASE WHEN c.relispartition THEN (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid) END AS parent,
         c.relreplident AS identity,
         EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indislive
                 AND CASE c.relreplident WHEN 'i' THEN x.indisreplident ELSE x.indisprimary END) AS "hasIdentityIndex",
         c.relkind = 'r' AND c.relhassubclass AS "hasInheritors",
         pg_has_role(c.relowner, 'USAGE') AS "isOwned",
         has_table_privilege(c.oid, 'SELECT') AS "isReadable"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
     AND (n.nspname !~ '^pg_' OR n.nspname ~ '^pg_temp_')
   ORDER BY n.nspname, c.relname`;

/** Reads every relation outside the system's schemas. */
export async function readRelations(client: ClientBase): Promise<Relation[]> {
  return (await client.query<Relation>(RELATIONS)).rows;
}

/** What a relation is, in words, for messages. */
export function describeKind(relation: Pick<Relation, 'kind' | 'persistence'>): string {
  if (relation.persistence === 't') return 'a temporary table';
  if (relation.persistence === 'u') return 'an unlogged table';
  const kinds = { r: 'a table', p: 'a partitioned table', v: 'a view', m: 'a materialized view', f: 'a foreign table' } as const;
  return kinds[relation.kind];
}

/** Whether its changes are in the log and a publication takes it. */
export function canBePublished(relation: Pick<Relation, 'kind' | 'persistence'>): boolean {
  return (relation.kind === 'r' || relation.kind === 'p') && relation.persistence === 'p';
}

/** Whether rows can be read of it that no publication takes. */
export function canOnlyBeRead(relation: Pick<Relation, 'kind' | 'persistence'>): boolean {
  return !canBePublished(relation) && relation.kind !== 'v' && relation.persistence !== 't';
}

/** `schema.table`, for messages. */
export function displayName(relation: { readonly schema: string; readonly table: string }): string {
  return `${relation.schema}.${relation.table}`;
}

/** `"schema"."table"`, for statements. */
export function quotedName(relation: { readonly schema: string; readonly table: string }): string {
  return `${escapeIdentifier(relation.schema)}.${escapeIdentifier(relation.table)}`;
}
