import { escapeIdentifier, type ClientBase } from 'pg';
import { sql } from '../../base/remedy.ts';
import type { PostgresStart } from '../../change/source-binding.ts';
import {
  readReplicationIdentity,
  readServerIdentity,
  readTimelineHistory,
  type ReplicationIdentity,
  type ServerIdentity,
  type TimelineSwitch,
} from './identity.ts';
import { nameSome, problem, warning, type Problem, type Warning } from '../problems.ts';
import { planPublication, type PublicationPlan } from './publication-plan.ts';
import { readPublication, type PublicationState } from './publication.ts';
import { describeKind, displayName, quotedName, readRelations } from './relations.ts';
import { identityWarning } from './replica-identity.ts';
import { selectTables, type ReadOnce, type SelectedTable, type Selection } from './selection.ts';
import { judgeRefusal, judgeRoom, judgeServer, judgeSettings, settingsWarnings, versionWarning } from './server-judgement.ts';
import { readSlot, type SlotState } from './slot.ts';
import { decideStart, judgeBinding, type SlotPlan } from './start-position.ts';
import { findSignalTable, type SignalFinding } from './signal-table.ts';
import { parseTablePatterns, takingOut, type TableName, type TablePattern } from '../tables.ts';

export interface PreflightOptions {
  readonly changefeed: string;
  /** `MILLRACE_TABLES`, one entry each. */
  readonly tables: readonly string[];
  readonly slot: string;
  readonly publication: string;
  /** Changes of partitions go out as those of the table that they belong to. */
  readonly viaPartitionRoot: boolean;
  /** `MILLRACE_SIGNAL_TABLE`; null without one. */
  readonly signalTable: TableName | null;
  /** `MILLRACE_SLOT_ADOPT`. */
  readonly adoptSlot: boolean;
  /** What is read of things that have no changes; null when only changes are wanted. */
  readonly readOnce: ReadOnce | null;
}

export interface PreflightConnections {
  /** An ordinary connection to the database. */
  readonly side: ClientBase;
  /** Opens a connection with `replication=database`; whoever asked closes it. */
  readonly openReplication: () => Promise<ReplicationSession>;
}

export interface ReplicationSession {
  readonly client: ClientBase;
  close(): Promise<void>;
}

/** What a start of the stream depends on, as it was found. */
export interface Inspection {
  readonly server: ServerIdentity;
  /** What was given, and behind it what takes the signal table out. */
  readonly patterns: readonly TablePattern[];
  /** Everything that stands in the way. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
  /** Null when no replication connection could be had, or none was asked for. */
  readonly replication: ReplicationIdentity | null;
  /** Null when what stands in the way leaves nothing more to look at: a server or a checkpoint that cannot be used at all. */
  readonly found: StartFindings | null;
}

export interface StartFindings {
  readonly selection: Selection;
  readonly publication: PublicationPlan;
  /** Null when the slot does not exist. */
  readonly slotState: SlotState | null;
  readonly slot: SlotPlan;
}

/**
 * Looks at everything that a start depends on and changes nothing: server, privileges, tables, publication, slot, position.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError errors of the connections as they are, and `TABLES_SYNTAX`
 */
export async function inspectStart(
  connections: PreflightConnections,
  options: PreflightOptions,
  stored: PostgresStart | null,
): Promise<Inspection> {
  const { side } = connections;
  const given = parseTablePatterns(options.tables);
  const server = await readServerIdentity(side);
  const unusable = judgeServer(server);
  // A standby, or a server too old for the statements below, has nothing more to tell.
  if (unusable.length > 0) return { server, patterns: given, problems: unusable, warnings: [], replication: null, found: null };
  const { replication, history, problems } = await askReplication(connections, server, stored);
  const before = [...judgeSettings(server), ...problems];
  const slotState = await readSlot(side, options.slot);
  const facts = {
    slotName: options.slot,
    publicationName: options.publication,
    adopt: options.adoptSlot,
    stored,
    slot: slotState,
    server,
    replication: replication === null ? null : { ...replication, history },
  };
  const settings = replication === null ? [] : settingsWarnings(server, replication);
  const strange = judgeBinding(facts);
  if (strange.length > 0) {
    const warnings = [...versionWarning(server), ...settings];
    return { server, patterns: given, problems: [...before, ...strange], warnings, replication, found: null };
  }
  const start = decideStart(facts);
  const relations = await readRelations(side);
  const signal = await findSignalTable(side, relations, options.signalTable);
  const patterns = signal.table === null ? given : [...given, takingOut(signal.table.relation)];
  const selection = selectTables(patterns, relations, options.readOnce);
  const state = await readPublication(side, options.publication, options.changefeed);
  const publication = planFor(state, publishedTables(selection, signal), server, slotState, options, stored);
  return {
    server,
    patterns,
    problems: [
      ...before,
      ...judgeRoom(server, slotState),
      ...selection.problems,
      ...signal.problems,
      ...judgeReading(selection, options, server),
      ...publicationProblems(publication, start.problems),
      ...start.problems,
    ],
    warnings: [
      ...versionWarning(server),
      ...selection.warnings,
      ...readOnceWarning(selection),
      ...publication.warnings,
      ...start.warnings,
      ...identityWarnings(selection, state),
      ...settings,
    ],
    replication,
    found: { selection, publication, slotState, slot: start.slot },
  };
}

/** Reading tables takes a privilege that streaming their changes does not. */
export function judgeReading({ tables, readOnce }: Selection, options: PreflightOptions, { user }: ServerIdentity): Problem[] {
  if (options.readOnce === null) return [];
  const unreadable = [...tables, ...readOnce].flatMap(({ leaves }) => leaves.filter(({ isReadable }) => !isReadable));
  const [first] = unreadable;
  if (first === undefined) return [];
  const grant = (names: string) => `GRANT SELECT ON ${names} TO ${escapeIdentifier(user)};`;
  const message = `The role may not read ${nameSome(unreadable.map(displayName))}. Run: ${grant(quotedName(first))}`;
  return [problem('TABLE_PRIVILEGE', message, {}, [sql(grant(unreadable.map(quotedName).join(', ')))])];
}

/** What to tell of what is read and has no changes. */
export function readOnceWarning({ readOnce }: Selection): Warning[] {
  if (readOnce.length === 0) return [];
  const each = readOnce.map(({ relation }) => `${displayName(relation)} is ${describeKind(relation)}`);
  const message = `What these hold now is exported, and no change of them, since the server's log has none: ${nameSome(each)}.`;
  return [warning('tables', message)];
}

interface ReplicationAnswer {
  readonly replication: ReplicationIdentity | null;
  readonly history: readonly TimelineSwitch[];
  readonly problems: readonly Problem[];
}

/** Opens a replication connection as the stream will, so that what forbids it is found now, and asks it which server this is. */
async function askReplication(
  { openReplication }: PreflightConnections,
  server: ServerIdentity,
  stored: PostgresStart | null,
): Promise<ReplicationAnswer> {
  let session: ReplicationSession;
  try {
    session = await openReplication();
  } catch (error) {
    return { replication: null, history: [], problems: [judgeRefusal(error, server)] };
  }
  try {
    const replication = await readReplicationIdentity(session.client);
    const isMoved = stored !== null && stored.source.timeline !== null && stored.source.timeline !== replication.timeline;
    const history = isMoved ? await readTimelineHistory(session.client, replication.timeline) : [];
    return { replication, history, problems: [] };
  } finally {
    await session.close();
  }
}

/** Without a publication a slot cannot be read; whose slot it is comes first, and with another slot nothing is missing. */
function publicationProblems({ problems }: PublicationPlan, ofStart: readonly Problem[]): readonly Problem[] {
  if (!ofStart.some(({ code }) => code === 'SLOT_FOREIGN')) return problems;
  return problems.filter(({ code }) => code !== 'PUBLICATION_MISSING');
}

/** The signal table reaches us through the stream, as those do that are exported. */
function publishedTables({ tables }: Selection, { table }: SignalFinding): readonly SelectedTable[] {
  return table === null ? tables : [...tables, table];
}

function planFor(
  state: PublicationState | null,
  tables: readonly SelectedTable[],
  server: ServerIdentity,
  slot: SlotState | null,
  options: PreflightOptions,
  stored: PostgresStart | null,
): PublicationPlan {
  return planPublication(state, {
    name: options.publication,
    changefeed: options.changefeed,
    tables,
    viaRoot: options.viaPartitionRoot,
    database: server.database,
    user: server.user,
    canCreate: server.canCreate,
    slot: options.slot,
    slotExists: slot !== null,
    stored,
  });
}

/** Of a publication that sends neither updates nor deletes, the identity does not matter. */
function identityWarnings(selection: Selection, state: PublicationState | null): Warning[] {
  const sendsChanges = state === null || state.isOurs || state.operations.includes('update') || state.operations.includes('delete');
  const identity = sendsChanges ? identityWarning(selection.tables) : null;
  return identity === null ? [] : [identity];
}
