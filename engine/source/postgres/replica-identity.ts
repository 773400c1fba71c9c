import { sql } from '../../base/remedy.ts';
import { nameSome, warning, type Warning } from '../problems.ts';
import { displayName, quotedName, type Relation } from './relations.ts';
import type { SelectedTable } from './selection.ts';

/** Whether the server can tell which row an UPDATE or DELETE changed; without it the statement fails as soon as the table is published. */
export function hasReplicaIdentity(relation: Relation): boolean {
  if (relation.identity === 'f') return true;
  return relation.identity !== 'n' && relation.hasIdentityIndex;
}

/** What to tell of tables whose UPDATE and DELETE fail on the source while they are published; null when there are none. */
export function identityWarning(tables: readonly SelectedTable[]): Warning | null {
  const without = tables.flatMap(({ leaves }) => leaves.filter((leaf) => leaf.kind === 'r' && !hasReplicaIdentity(leaf)));
  const [first] = without;
  if (first === undefined) return null;
  const full = (relation: Relation) => `ALTER TABLE ${quotedName(relation)} REPLICA IDENTITY FULL;`;
  const message =
    'UPDATE and DELETE fail in the database, for everybody, ' +
    'on published tables that have neither a primary key nor another replica identity: ' +
    `${nameSome(without.map(displayName))}. Add a primary key, or run ${full(first)} ` +
    'tables that only get INSERTs may stay so.';
  return warning(
    'replica_identity',
    message,
    without.map((relation) => sql(full(relation))),
  );
}
