import { escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';
import { quotedName } from './relations.ts';
import type { SelectedTable } from './selection.ts';

/** What a publication publishes. */
export const OPERATIONS = ['insert', 'update', 'delete', 'truncate'] as const;
export type PublishedOperation = (typeof OPERATIONS)[number];

/** A publication as the catalogue has it. */
export interface PublicationState {
  readonly name: string;
  readonly oid: number;
  /** Its comment says that this changefeed created it. */
  readonly isOurs: boolean;
  /** We may alter it. */
  readonly isOwned: boolean;
  readonly allTables: boolean;
  /** `publish_via_partition_root`. */
  readonly viaRoot: boolean;
  readonly operations: readonly PublishedOperation[];
  /** Tables that it names, schemas and ALL TABLES apart. */
  readonly members: readonly PublicationMember[];
  /** Every table whose changes it sends, partitions resolved as `viaRoot` says. */
  readonly published: ReadonlySet<number>;
  /** Tables of which it sends only some rows (`WHERE ...`) or some columns, in words. */
  readonly narrowed: readonly string[];
}

export interface PublicationMember {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
}

const PUBLICATION = `
  SELECT p.oid, pg_has_role(p.pubowner, 'USAGE') AS "isOwned", p.puballtables AS "allTables", p.pubviaroot AS "viaRoot",
         p.pubinsert AS insert, p.pubupdate AS update, p.pubdelete AS delete, p.pubtruncate AS truncate,
         obj_description(p.oid, 'pg_publication') AS comment
    FROM pg_publication p WHERE p.pubname = $1`;

const MEMBERS = `
  SELECT c.oid, n.nspname AS schema, c.relname AS "table"
    FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE r.prpubid = $1 ORDER BY n.nspname, c.relname`;

// Filters and column lists came with PostgreSQL 15: read through jsonb, so that one statement serves every version.
const PUBLISHED = `
  SELECT c.oid, format('%s.%s', n.nspname, c.relname) AS name, to_jsonb(t)->>'rowfilter' AS filter,
         EXISTS (SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = $2 AND r.prrelid = c.oid
                 AND to_jsonb(r)->>'prattrs' IS NOT NULL) AS "hasColumnList"
    FROM pg_publication_tables t JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
   WHERE t.pubname = $1 ORDER BY 2`;

interface PublicationRow extends Record<PublishedOperation, boolean> {
  readonly oid: number;
  readonly isOwned: boolean;
  readonly allTables: boolean;
  readonly viaRoot: boolean;
  readonly comment: string | null;
}

interface PublishedRow {
  readonly oid: number;
  readonly name: string;
  readonly filter: string | null;
  readonly hasColumnList: boolean;
}

/** Reads a publication; null when there is none of that name. */
export async function readPublication(client: ClientBase, name: string, changefeed: string): Promise<PublicationState | null> {
  const row = (await client.query<PublicationRow>(PUBLICATION, [name])).rows[0];
  if (row === undefined) return null;
  const members = (await client.query<PublicationMember>(MEMBERS, [row.oid])).rows;
  const published = (await client.query<PublishedRow>(PUBLISHED, [name, row.oid])).rows;
  return {
    name,
    oid: row.oid,
    isOurs: row.comment === publicationMark(changefeed),
    isOwned: row.isOwned,
    allTables: row.allTables,
    viaRoot: row.viaRoot,
    operations: OPERATIONS.filter((operation) => row[operation]),
    members,
    published: new Set(published.map(({ oid }) => oid)),
    narrowed: published.flatMap(describeNarrowing),
  };
}

function describeNarrowing(row: PublishedRow): string[] {
  const narrowings: string[] = [];
  if (row.filter !== null) narrowings.push(`${row.name} only rows WHERE ${row.filter}`);
  if (row.hasColumnList) narrowings.push(`${row.name} only some columns`);
  return narrowings;
}

/** The comment by which a publication is known as created by a changefeed, and so as one that Millrace may alter. */
export function publicationMark(changefeed: string): string {
  return `managed by millrace for changefeed ${changefeed}`;
}

/** Statements that create the publication and mark it; one transaction. */
export function createStatements(name: string, changefeed: string, tables: readonly SelectedTable[], viaRoot: boolean): string[] {
  const settings = `publish = '${OPERATIONS.join(', ')}', publish_via_partition_root = ${viaRoot}`;
  return [
    `CREATE PUBLICATION ${escapeIdentifier(name)} FOR TABLE ${tables.map(memberName).join(', ')} WITH (${settings})`,
    `COMMENT ON PUBLICATION ${escapeIdentifier(name)} IS ${escapeLiteral(publicationMark(changefeed))}`,
  ];
}

/** What a publication has to change to cover the selected tables. */
export interface PublicationChange {
  readonly add: readonly SelectedTable[];
  readonly drop: readonly PublicationMember[];
  /** New values of settings that differ, as they stand in `SET (...)`. */
  readonly set: readonly string[];
}

/** Statements that bring a change about; none when there is nothing to change. */
export function alterStatements(name: string, change: PublicationChange): string[] {
  const alter = `ALTER PUBLICATION ${escapeIdentifier(name)}`;
  const statements: string[] = [];
  if (change.add.length > 0) statements.push(`${alter} ADD TABLE ${change.add.map(memberName).join(', ')}`);
  if (change.drop.length > 0) {
    statements.push(`${alter} DROP TABLE ${change.drop.map((member) => `ONLY ${quotedName(member)}`).join(', ')}`);
  }
  if (change.set.length > 0) statements.push(`${alter} SET (${change.set.join(', ')})`);
  return statements;
}

/** ONLY where other tables inherit: they are selected on their own or not at all. */
function memberName({ relation }: SelectedTable): string {
  return relation.hasInheritors ? `ONLY ${quotedName(relation)}` : quotedName(relation);
}

/** Whether all rows of `table` come through the publication, as its own or as its partitions'. */
export function covers(publication: PublicationState, { relation, leaves }: SelectedTable): boolean {
  if (publication.published.has(relation.oid)) return true;
  // Under its root, a partition is published as the topmost published table: what is not in the list then goes by another name.
  if (publication.viaRoot || relation.kind !== 'p') return false;
  if (publication.allTables || publication.members.some(({ oid }) => oid === relation.oid)) return true;
  return leaves.length > 0 && leaves.every(({ oid }) => publication.published.has(oid));
}
