import { escapeIdentifier, type ClientBase } from 'pg';
import { sql, words, type Remedy } from '../../base/remedy.ts';
import { readServerIdentity, type ServerIdentity } from './identity.ts';
import { canBePublished, canOnlyBeRead, quotedName, readRelations, type Relation } from './relations.ts';
import { hasReplicaIdentity } from './replica-identity.ts';
import { PartitionTree } from './selection.ts';
import { readUnlockedSizes } from './sizes.ts';

/** Something that `MILLRACE_TABLES` can name; as `millrace objects --json` prints it. */
export interface SourceObject {
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'partitioned table' | 'materialized view' | 'unlogged table' | 'foreign table';
  /** Somebody holds it, or a partition of it, locked: key, size and rows are not known. */
  readonly locked: boolean;
  /** Columns of the primary key; empty without one. */
  readonly key: readonly string[];
  /** With out-of-line values and partitions, without indexes; null while it is locked. */
  readonly bytes: number | null;
  /** The server's estimate; null when it has none for any part. */
  readonly rows: number | null;
  /** Null for what has no changes in the log. */
  readonly replicaIdentity: 'default' | 'nothing' | 'full' | 'index' | null;
  /** Partitions that hold rows, at any depth. */
  readonly partitions: number;
  /** What stands in the way of one mode or another. */
  readonly lacks: readonly Lack[];
}

export interface Lack {
  readonly what: string;
  /** What mends it, in this order. */
  readonly remedies: readonly Remedy[];
}

const IDENTITIES = { d: 'default', n: 'nothing', f: 'full', i: 'index' } as const;

/** Everything that can be exported; a partition goes with its table. */
export async function readObjects(client: ClientBase): Promise<SourceObject[]> {
  const server = await readServerIdentity(client);
  const relations = await readRelations(client);
  const sizes = await readUnlockedSizes(
    client,
    relations.map(({ oid }) => oid),
  );
  const tree = new PartitionTree(relations);
  const roots = relations.filter((relation) => relation.parent === null && (canBePublished(relation) || canOnlyBeRead(relation)));
  return roots.map((relation) => {
    const leaves = tree.leaves(relation);
    const parts = leaves.flatMap(({ oid }) => sizes.get(oid) ?? []);
    const own = sizes.get(relation.oid);
    const locked = [relation, ...leaves].some(({ oid }) => !sizes.has(oid));
    const known = parts.flatMap(({ rows }) => (rows === null ? [] : [rows]));
    return {
      schema: relation.schema,
      name: relation.table,
      kind: kindOf(relation),
      locked,
      key: own?.key ?? [],
      bytes: locked ? null : parts.reduce((sum, { bytes }) => sum + bytes, 0),
      rows: locked || known.length === 0 ? null : known.reduce((sum, rows) => sum + rows, 0),
      replicaIdentity: canBePublished(relation) ? IDENTITIES[relation.identity] : null,
      partitions: relation.kind === 'p' ? leaves.length : 0,
      lacks: lacksOf(relation, leaves, own?.isPopulated ?? true, server),
    };
  });
}

function kindOf(relation: Relation): SourceObject['kind'] {
  if (relation.kind === 'm') return 'materialized view';
  if (relation.kind === 'f') return 'foreign table';
  if (relation.persistence === 'u') return 'unlogged table';
  return relation.kind === 'p' ? 'partitioned table' : 'table';
}

function lacksOf(relation: Relation, leaves: readonly Relation[], isPopulated: boolean, { user }: ServerIdentity): Lack[] {
  const lacks: Lack[] = [];
  const unreadable = leaves.filter(({ isReadable }) => !isReadable);
  if (unreadable.length > 0) {
    const statement = `GRANT SELECT ON ${unreadable.map(quotedName).join(', ')} TO ${escapeIdentifier(user)};`;
    lacks.push({ what: 'SELECT, for FULL', remedies: [sql(statement)] });
  }
  if (!isPopulated) lacks.push({ what: 'content', remedies: [sql(`REFRESH MATERIALIZED VIEW ${quotedName(relation)};`)] });
  if (canBePublished(relation)) {
    lacks.push(...identityLacks(leaves));
    if (!relation.isOwned) {
      const remedies = [words('have its owner or a superuser create the publication: `millrace check` prints the statement')];
      lacks.push({ what: 'ownership, to be added to a publication', remedies });
    }
    return lacks;
  }
  if (relation.persistence === 'u') {
    lacks.push({ what: 'changes in the log', remedies: [sql(`ALTER TABLE ${quotedName(relation)} SET LOGGED;`)] });
  } else {
    lacks.push({ what: 'changes in the log', remedies: [words('name it exactly in MILLRACE_TABLES: FULL reads what it holds')] });
  }
  return lacks;
}

function identityLacks(leaves: readonly Relation[]): Lack[] {
  const without = leaves.filter((leaf) => leaf.kind === 'r' && !hasReplicaIdentity(leaf));
  if (without.length === 0) return [];
  const remedies = without.map((leaf) => sql(`ALTER TABLE ${quotedName(leaf)} REPLICA IDENTITY FULL;`));
  return [{ what: 'replica identity: UPDATE and DELETE fail once it is published', remedies }];
}
