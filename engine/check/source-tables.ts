import { sql, type Remedy } from '../base/remedy.ts';
import type { PostgresConfig } from '../control/config/config.ts';
import type { Session } from '../source/postgres/connection.ts';
import { namedTables } from '../source/postgres/open.ts';
import type { StreamedTable } from '../source/source.ts';
import type { PublicationPlan } from '../source/postgres/publication-plan.ts';
import { displayName, quotedName, type Relation } from '../source/postgres/relations.ts';
import { hasReplicaIdentity } from '../source/postgres/replica-identity.ts';
import type { SelectedTable, Selection } from '../source/postgres/selection.ts';
import { isLocked, readSizes, withLockWait, type RelationSize } from '../source/postgres/sizes.ts';
import { tell, type Findings } from './findings.ts';
import { tellNames } from './names-step.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';
import { bytesText, countText } from './text.ts';

type SourceSteps = Steps<SourceStep>;

export interface TablesRequest {
  readonly session: Session;
  readonly config: PostgresConfig;
  readonly found: Findings;
  /** Null when there was no looking at tables. */
  readonly selection: Selection | null;
  /** Null without a stream. */
  readonly publication: PublicationPlan | null;
}

/** What is exported, and what it lacks. */
export async function tellTables(request: TablesRequest, steps: SourceSteps): Promise<readonly StreamedTable[] | null> {
  const { session, config, found, selection, publication } = request;
  if (selection === null) return null;
  const all = [...selection.tables, ...selection.readOnce];
  const named = namedTables(session.client.database ?? '', all, config.source.partitionRoot);
  tellPrivileges(request, all, steps);
  tellSelection(request, all, named, steps);
  // Of tables that are not those that were meant, nothing further can be said.
  if (selection.problems.length > 0) return null;
  if (publication !== null) {
    tellIdentity(request, selection.tables, steps);
    tell('publication', found, publicationText(publication, selection.tables.length), steps);
  }
  tellPartitions(request, all, steps);
  await tellSize(request, all, steps);
  return named;
}

function tellPrivileges({ config, found, publication }: TablesRequest, all: readonly SelectedTable[], steps: SourceSteps): void {
  if (steps.has('privileges')) return;
  const replicates = publication === null ? [] : ['may replicate'];
  const reads = config.syncMode === 'INCREMENTAL' ? [] : [`may read ${countText(all.length, 'table')}`];
  tell('privileges', found, [...replicates, ...reads].join(', '), steps);
}

function tellSelection(
  { config, found }: TablesRequest,
  all: readonly SelectedTable[],
  named: ReturnType<typeof namedTables>,
  steps: SourceSteps,
): void {
  const shown = all.map(({ relation }) => displayName(relation));
  tellNames({ style: config.schemaName, named, shown, found }, steps);
}

function tellIdentity({ config, found }: TablesRequest, tables: readonly SelectedTable[], steps: SourceSteps): void {
  const leaves = tables.flatMap((table) => table.leaves.filter(({ kind }) => kind === 'r'));
  const unknown = leaves.filter((leaf) => !hasReplicaIdentity(leaf));
  const old = config.format.format === 'maxwell' ? config.format.old : 'key';
  for (const leaf of old === 'key' ? [] : leaves) {
    if (leaf.identity === 'f' || unknown.includes(leaf)) continue;
    const seen = `MILLRACE_OLD=${old} has nothing but the key to tell of old rows: the replica identity is not FULL`;
    steps.warn('replica_identity', seen, [full(leaf)], displayName(leaf));
  }
  // Each by itself; the start's warning, which knows whether it matters, names them together.
  const warned = found.warnings.some(({ about }) => about === 'replica_identity');
  for (const leaf of warned ? unknown : []) {
    const seen = 'no primary key and no other replica identity: UPDATE and DELETE fail once it is published; INSERT does not';
    steps.warn('replica_identity', seen, [full(leaf)], displayName(leaf));
  }
  if (!steps.has('replica_identity')) steps.pass('replica_identity', identitiesText(leaves));
}

function full(relation: Relation): Remedy {
  return sql(`ALTER TABLE ${quotedName(relation)} REPLICA IDENTITY FULL;`);
}

const IDENTITIES = { d: 'the primary key', f: 'the full row', i: 'an index', n: 'nothing' } as const;

function identitiesText(leaves: readonly Relation[]): string {
  const counts = new Map<string, number>();
  for (const { identity } of leaves) counts.set(IDENTITIES[identity], (counts.get(IDENTITIES[identity]) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} of ${countText(count, 'table')}`).join(', ');
}

function publicationText({ name, action, statements }: PublicationPlan, tables: number): string {
  if (action === 'create') return `${name} will be created for ${countText(tables, 'table')}`;
  if (action === 'alter') return `${name} will be altered: ${statements.join('; ')}`;
  return `${name} covers ${countText(tables, 'table')}`;
}

function tellPartitions({ config, found }: TablesRequest, all: readonly SelectedTable[], steps: SourceSteps): void {
  const partitioned = all.filter(({ relation }) => relation.kind === 'p');
  const each = partitioned.map(({ relation, leaves }) => `${displayName(relation)} has ${countText(leaves.length, 'partition')}`);
  const under = config.source.partitionRoot ? 'exported under the name of their table' : 'exported under their own names';
  tell('partitions', found, each.length === 0 ? 'no partitioned table' : `${each.join(', ')}, ${under}`, steps);
}

/** Sizes, for which the server waits until nobody holds any of the tables locked; null when that takes too long. */
async function sizesUnlessLocked({ client }: Session, leaves: readonly Relation[]): Promise<Map<number, RelationSize> | null> {
  const oids = leaves.map(({ oid }) => oid);
  try {
    return await withLockWait(client, LOCK_WAIT, () => readSizes(client, oids));
  } catch (error) {
    if (isLocked(error)) return null;
    throw error;
  }
}

const LOCK_WAIT = '2s';
const WHO_LOCKS =
  "SELECT pid, relation::regclass, query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE mode = 'AccessExclusiveLock' AND granted;";

async function tellSize({ session, config, publication }: TablesRequest, all: readonly SelectedTable[], steps: SourceSteps): Promise<void> {
  if (publication !== null && config.syncMode === 'INCREMENTAL') {
    return steps.skip('snapshot_size', 'MILLRACE_SYNC_MODE=INCREMENTAL reads no tables');
  }
  const leaves = all.flatMap((table) => table.leaves);
  const sizes = await sizesUnlessLocked(session, leaves);
  if (sizes === null) {
    const found = `somebody holds a table locked (ACCESS EXCLUSIVE) and did not let go of it for ${LOCK_WAIT}: its size is not known`;
    return steps.warn('snapshot_size', found, [sql(WHO_LOCKS)]);
  }
  let bytes = 0;
  let rows = 0;
  for (const leaf of leaves) {
    const size = sizes.get(leaf.oid);
    bytes += size?.bytes ?? 0;
    rows += size?.rows ?? 0;
    if (size === undefined || size.bytes === 0 || size.rows !== null) continue;
    const found = `${bytesText(size.bytes)}, and no estimate of its rows: the progress shown will be wrong`;
    steps.warn('snapshot_size', found, [sql(`ANALYZE ${quotedName(leaf)};`)], displayName(leaf));
  }
  const known = steps.has('snapshot_size') ? 'at least ' : '';
  steps.pass('snapshot_size', `about ${bytesText(bytes)}, ${known}${countText(rows, 'row')} in ${countText(leaves.length, 'table')}`);
}
