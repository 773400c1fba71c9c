import type { ClientBase } from 'pg';
import { parseLsn, type Lsn } from './lsn.ts';
import { Snapshot } from './snapshot.ts';
import type { TypeRow } from './types.ts';

/** A column as the catalogue has it. */
export interface CatalogColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly isNotNull: boolean;
  readonly isGenerated: boolean;
}

/**
 * How a key stands to the transaction that is being read, which the catalogue may be ahead of:
 * - `settled`: it has not changed since before the slot's oldest transaction, or since its table was created: it holds for all that the
 *   slot sends.
 * - `older`: its last change is not younger than the transaction, by transaction ids.
 * - `newer`: it has been changed since the transaction began.
 */
export type Standing = 'settled' | 'older' | 'newer';

/** The key columns of an index, in its order. */
export interface CatalogKey {
  readonly columns: readonly string[];
  /** A deferrable primary key is no replica identity. */
  readonly isImmediate: boolean;
  readonly standing: Standing;
}

export interface QualifiedName {
  readonly schema: string;
  readonly table: string;
}

/** What the catalogue said of a table at one moment. */
export interface TableReading {
  readonly relationId: number;
  /** What it says was committed before this place of the log, where it was first read. */
  readonly firstSeenAt: Lsn;
  /** Which transactions it showed when it last said so. */
  readonly snapshot: Snapshot;
  readonly name: QualifiedName;
  /** What it is a partition of, from its parent upwards. */
  readonly ancestors: readonly QualifiedName[];
  readonly columns: readonly CatalogColumn[];
  /** The publication sends only some of its columns. */
  readonly hasColumnList: boolean;
  readonly primaryKey: CatalogKey | null;
  readonly identityIndex: CatalogKey | null;
}

/**
 * The columns of an index of the table `c`, and its standing: a comparison of ages, since transaction ids wrap; a frozen row may show an id
 * so old that its age has wrapped to a negative number. `changed` is the youngest of the index and its columns. A table's system columns
 * are written when it is created and never again.
 */
const keyOf = (which: 'indisprimary' | 'indisreplident') => `
  (SELECT json_build_object(
            'columns', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts),
            'isImmediate', i.indimmediate,
            'standing', CASE WHEN y.changed > m.slot_age
                               OR y.changed >= (SELECT age(a.xmin) FROM pg_attribute a
                                                 WHERE a.attrelid = c.oid AND a.attnum = -1) THEN 'settled'
                             WHEN y.changed >= m.reader_age THEN 'older' ELSE 'newer' END)
     FROM pg_index i CROSS JOIN LATERAL (
            SELECT min(CASE WHEN age(x) < 0 THEN 2147483647 ELSE age(x) END) AS changed
              FROM (SELECT i.xmin UNION ALL
                    SELECT a.xmin FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])) t(x)) y
    WHERE i.indrelid = c.oid AND i.${which})`;

const TABLES = `
  WITH m AS MATERIALIZED (
    SELECT (SELECT age(catalog_xmin) FROM pg_replication_slots WHERE slot_name = $1) AS slot_age,
           CASE WHEN $2::text = '0' THEN NULL ELSE age($2::text::xid) END AS reader_age
  )
  SELECT c.oid AS "relationId", n.nspname::text AS schema, c.relname::text AS "table",
         (SELECT json_agg(json_build_object('schema', pn.nspname, 'table', pc.relname) ORDER BY p.place)
            FROM pg_partition_ancestors(c.oid) WITH ORDINALITY p(relid, place)
            JOIN pg_class pc ON pc.oid = p.relid JOIN pg_namespace pn ON pn.oid = pc.relnamespace WHERE p.relid <> c.oid) AS ancestors,
         (SELECT json_agg(json_build_object('name', a.attname, 'typeOid', a.atttypid::int8, 'typeModifier', a.atttypmod,
                                            'isNotNull', a.attnotnull, 'isGenerated', a.attgenerated <> '') ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
         EXISTS (SELECT 1 FROM pg_publication_rel pr JOIN pg_publication pub ON pub.oid = pr.prpubid
                  WHERE pr.prrelid = c.oid AND pub.pubname = $3 AND to_jsonb(pr)->>'prattrs' IS NOT NULL) AS "hasColumnList",
         ${keyOf('indisprimary')} AS "primaryKey",
         ${keyOf('indisreplident')} AS "identityIndex",
         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS "readAt",
         pg_current_snapshot()::text AS snapshot
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN m`;

const BY_ID = `${TABLES} WHERE c.oid = $4`;
const PUBLISHED = `${TABLES} WHERE (n.nspname, c.relname) IN (SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $3)`;

/** Where the stream is read from. */
export interface StreamNames {
  readonly slot: string;
  readonly publication: string;
}

interface TableRow extends Omit<TableReading, 'firstSeenAt' | 'snapshot' | 'name' | 'ancestors' | 'columns'>, QualifiedName {
  readonly ancestors: readonly QualifiedName[] | null;
  readonly columns: readonly CatalogColumn[] | null;
  readonly readAt: string;
  readonly snapshot: string;
}

/** What the catalogue has of a table now; null when it is gone. `xid` is of the transaction that is being read. */
export async function readTable(client: ClientBase, names: StreamNames, relationId: number, xid: number): Promise<TableReading | null> {
  const values = [names.slot, String(xid), names.publication, relationId];
  // Prepared: planning takes three times as long as the rest.
  const { rows } = await client.query<TableRow>({ name: 'millrace_table', text: BY_ID, values });
  return rows[0] === undefined ? null : toReading(rows[0]);
}

/** The same for all tables of the publication, before anything is read. */
export async function readPublishedTables(client: ClientBase, names: StreamNames): Promise<TableReading[]> {
  const { rows } = await client.query<TableRow>(PUBLISHED, [names.slot, '0', names.publication]);
  return rows.map(toReading);
}

function toReading({ schema, table, ancestors, columns, readAt, snapshot, ...rest }: TableRow): TableReading {
  return {
    ...rest,
    name: { schema, table },
    ancestors: ancestors ?? [],
    columns: columns ?? [],
    firstSeenAt: parseLsn(readAt),
    snapshot: new Snapshot(snapshot),
  };
}

/** Which transactions a query shows that begins now. */
export async function readSnapshot(client: ClientBase): Promise<Snapshot> {
  const { rows } = await client.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return new Snapshot(rows[0]!.snapshot);
}

/** A domain's base and an array's element are needed with the type itself. int2vector and oidvector are no arrays in their text form. */
const TYPES = `
  WITH RECURSIVE needed(oid) AS (
    SELECT unnest($1::oid[])
    UNION SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END FROM needed JOIN pg_type t USING (oid)
           WHERE t.typtype = 'd' OR t.typelem <> 0
  )
  SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name, t.typtype AS class,
         t.typbasetype AS "baseOid", t.typtypmod AS "baseModifier",
         CASE WHEN t.typlen = -1 AND t.typoutput = 'pg_catalog.array_out'::regproc
              THEN t.typelem ELSE 0::oid END AS "elementOid", t.typdelim AS delimiter
    FROM needed JOIN pg_type t USING (oid) JOIN pg_namespace n ON n.oid = t.typnamespace`;

/** The types with these oids and all that they are made of; those that are gone are missing. */
export async function readTypes(client: ClientBase, oids: readonly number[]): Promise<TypeRow[]> {
  return (await client.query<TypeRow>(TYPES, [oids])).rows;
}

/** A type with its modifier. */
export interface TypeUse {
  readonly typeOid: number;
  readonly typeModifier: number;
}

/** The types in the server's words, `numeric(12,2)`, in the order of `uses`. */
export async function readTypeNames(client: ClientBase, uses: readonly TypeUse[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT format_type(u.oid, u.modifier) AS name FROM unnest($1::oid[], $2::int4[]) WITH ORDINALITY u(oid, modifier, place) ORDER BY u.place',
    [uses.map(({ typeOid }) => typeOid), uses.map(({ typeModifier }) => typeModifier)],
  );
  return rows.map(({ name }) => name);
}
