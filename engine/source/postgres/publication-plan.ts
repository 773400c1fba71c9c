import { escapeIdentifier } from 'pg';
import { shell, sql, words, type Remedy } from '../../base/remedy.ts';
import type { PostgresStart } from '../../change/source-binding.ts';
import { nameSome, problem, warning, type Problem, type Warning } from '../problems.ts';
import { alterStatements, covers, createStatements, OPERATIONS, type PublicationChange, type PublicationState } from './publication.ts';
import { displayName } from './relations.ts';
import type { SelectedTable } from './selection.ts';

/** What a start does with the publication before the stream begins. */
export interface PublicationPlan {
  readonly name: string;
  readonly action: 'create' | 'alter' | 'use';
  /** In one transaction; none for `use`. */
  readonly statements: readonly string[];
  /** Tables whose changes begin to flow with an `alter`. */
  readonly added: readonly SelectedTable[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

export interface PublicationRequest {
  readonly name: string;
  readonly changefeed: string;
  readonly tables: readonly SelectedTable[];
  /** Changes of partitions go out as those of the table that they belong to. */
  readonly viaRoot: boolean;
  readonly database: string;
  readonly user: string;
  /** The role may create publications in the database. */
  readonly canCreate: boolean;
  readonly slot: string;
  /** The slot exists: it holds changes from before anything that is created now. */
  readonly slotExists: boolean;
  readonly stored: PostgresStart | null;
}

/**
 * Decides what is done.
 *
 *   publication        slot                plan
 *   missing            missing             create
 *   missing            there               refuse: up to 17 the server cannot decode what lies before it, from 18 on it skips that silently
 *   ours               any                 alter where the selection differs
 *   another's          any                 use when it covers the selection, else refuse with the ALTER to run
 *   made again         with a position     refuse: what was changed in between is published by nothing
 */
export function planPublication(state: PublicationState | null, request: PublicationRequest): PublicationPlan {
  if (state === null) return request.slotExists ? refuseMissing(request) : planCreation(request);
  const storedOid = request.stored === null || request.stored.position === null ? null : request.stored.source.publicationOid;
  if (storedOid !== null && storedOid !== state.oid) return refuseRecreated(state, storedOid, request.slot);
  if (state.isOurs && !state.allTables) return planAlteration(state, request);
  return verifyForeign(state, request);
}

function refuseMissing({ name, tables, changefeed, viaRoot, slot }: PublicationRequest): PublicationPlan {
  const [create] = createStatements(name, changefeed, tables, viaRoot);
  const message =
    `The publication ${name} does not exist, but the slot does: ` +
    'changes that the slot holds from before a publication cannot be read through it. ' +
    'Start anew from now on with `millrace slot drop` and `millrace position reset`. ' +
    `To keep the slot: ${create}; then pg_replication_slot_advance to pg_current_wal_lsn(), and \`millrace position reset\`.`;
  return plan(name, 'use', { problems: [problem('PUBLICATION_MISSING', message, { publication: name }, startAnew(slot))] });
}

function refuseRecreated(state: PublicationState, storedOid: number, slot: string): PublicationPlan {
  const message =
    `The publication ${state.name} is not the one of the last run: ` +
    `it was dropped and made again (oid ${storedOid} then, ${state.oid} now). Changes in between are published by nothing. ` +
    'Accept that and start anew from now on with `millrace slot drop` and `millrace position reset`.';
  return plan(state.name, 'use', { problems: [problem('PUBLICATION_RECREATED', message, { publication: state.name }, startAnew(slot))] });
}

function startAnew(slot: string): Remedy[] {
  return [shell(`millrace slot drop ${slot}`), shell('millrace position reset')];
}

function planCreation(request: PublicationRequest): PublicationPlan {
  const { name, changefeed, tables, viaRoot, canCreate, database, user } = request;
  const statements = createStatements(name, changefeed, tables, viaRoot);
  const missing: string[] = [];
  if (!canCreate) {
    missing.push(
      `the privilege CREATE on the database (GRANT CREATE ON DATABASE ${escapeIdentifier(database)} TO ${escapeIdentifier(user)})`,
    );
  }
  const strangers = tables.filter(({ relation }) => !relation.isOwned);
  if (strangers.length > 0) missing.push(`the ownership of ${nameSome(strangers.map(nameOf))}`);
  if (missing.length === 0) return plan(name, 'create', { statements });
  const message =
    `The role ${user} cannot create the publication: it lacks ${missing.join(' and ')}. ` +
    `Have a superuser or the owner run: ${statements[0]};`;
  const details = { publication: name, role: user };
  return plan(name, 'create', { problems: [problem('PUBLICATION_PRIVILEGE', message, details, [sql(`${statements[0]};`)])] });
}

function planAlteration(state: PublicationState, request: PublicationRequest): PublicationPlan {
  const change = changeNeeded(state, request);
  const statements = alterStatements(state.name, change);
  const warnings = narrowingWarnings(state);
  if (statements.length === 0) return plan(state.name, 'use', { warnings });
  if (!state.isOwned || change.add.some(({ relation }) => !relation.isOwned)) {
    const message =
      `The role ${request.user} cannot alter the publication ${state.name}: it owns not all of the publication and the tables to add. ` +
      `Have their owner or a superuser run: ${statements.join('; ')};`;
    const details = { publication: state.name, role: request.user };
    const remedies = statements.map((statement) => sql(`${statement};`));
    return plan(state.name, 'alter', { problems: [problem('PUBLICATION_PRIVILEGE', message, details, remedies)] });
  }
  return plan(state.name, 'alter', { statements, added: change.add, warnings });
}

function changeNeeded(state: PublicationState, { tables, viaRoot }: PublicationRequest): PublicationChange {
  const selected = new Set(tables.map(({ relation }) => relation.oid));
  const set: string[] = [];
  if (state.operations.length < OPERATIONS.length) set.push(`publish = '${OPERATIONS.join(', ')}'`);
  if (state.viaRoot !== viaRoot) set.push(`publish_via_partition_root = ${viaRoot}`);
  const members = new Set(state.members.map(({ oid }) => oid));
  return {
    add: tables.filter(({ relation }) => !members.has(relation.oid)),
    drop: state.members.filter(({ oid }) => !selected.has(oid)),
    set,
  };
}

function verifyForeign(state: PublicationState, request: PublicationRequest): PublicationPlan {
  const problems: Problem[] = [];
  const alter = `ALTER PUBLICATION ${escapeIdentifier(state.name)}`;
  const details = { publication: state.name };
  const missing = request.tables.filter((table) => !covers(state, table));
  const hidden = missing.filter(({ ancestors }) => state.viaRoot && ancestors.some(({ oid }) => state.published.has(oid)));
  const absent = missing.filter((table) => !hidden.includes(table));
  if (absent.length > 0) {
    const statement = alterStatements(state.name, { add: absent, drop: [], set: [] })[0];
    const names = nameSome(absent.map(nameOf));
    const message = `The publication ${state.name}, which Millrace did not create, lacks ${names}. Run: ${statement};`;
    problems.push(problem('PUBLICATION_INCOMPLETE', message, details, [sql(`${statement};`)]));
  }
  if (hidden.length > 0) {
    const message =
      `The publication ${state.name} sends the changes of ${nameSome(hidden.map(nameOf))} under the name of the partitioned table. ` +
      `Select that table, or run: ${alter} SET (publish_via_partition_root = false);`;
    problems.push(problem('PUBLICATION_INCOMPLETE', message, details, [sql(`${alter} SET (publish_via_partition_root = false);`)]));
  }
  if (state.viaRoot !== request.viaRoot && request.tables.some(({ relation }) => relation.kind === 'p')) {
    const message =
      `The publication ${state.name} has publish_via_partition_root = ${state.viaRoot}; ` +
      `the options ask for ${request.viaRoot}, and partitioned tables are selected. ` +
      `Run: ${alter} SET (publish_via_partition_root = ${request.viaRoot}); or change the option.`;
    const remedy = sql(`${alter} SET (publish_via_partition_root = ${request.viaRoot});`);
    problems.push(problem('PUBLICATION_INCOMPLETE', message, details, [remedy]));
  }
  return plan(state.name, 'use', {
    problems,
    warnings: [...operationWarnings(state), ...narrowingWarnings(state), ...surplusWarnings(state, request)],
  });
}

function operationWarnings(state: PublicationState): Warning[] {
  const absent = OPERATIONS.filter((operation) => !state.operations.includes(operation));
  if (absent.length === 0) return [];
  const alter = `ALTER PUBLICATION ${escapeIdentifier(state.name)} SET (publish = '${OPERATIONS.join(', ')}');`;
  const message = `The publication ${state.name} does not publish ${absent.join(', ')}: they are not exported. To export them: ${alter}`;
  return [warning('publication', message, [sql(alter)])];
}

function narrowingWarnings(state: PublicationState): Warning[] {
  if (state.narrowed.length === 0) return [];
  const message = `The publication ${state.name} sends of these tables not everything: ${nameSome(state.narrowed)}. The rest is not exported.`;
  return [warning('publication', message, [words('alter the publication without its filters and column lists, if that is not wanted')])];
}

function surplusWarnings(state: PublicationState, { tables }: PublicationRequest): Warning[] {
  const selected = new Set(tables.flatMap(({ relation, leaves }) => [relation.oid, ...leaves.map(({ oid }) => oid)]));
  const surplus = [...state.published].filter((oid) => !selected.has(oid)).length;
  if (surplus === 0) return [];
  const message =
    `The publication ${state.name} also sends ${surplus} tables that are not selected: their rows are read and dropped, ` +
    'which costs the server time.';
  return [warning('publication', message, [words('give Millrace a publication of its own: set MILLRACE_PUBLICATION to a new name')])];
}

function plan(name: string, action: PublicationPlan['action'], fields: Partial<PublicationPlan>): PublicationPlan {
  return { name, action, statements: [], added: [], problems: [], warnings: [], ...fields };
}

function nameOf({ relation }: SelectedTable): string {
  return displayName(relation);
}
