import { escapeIdentifier, type ClientBase } from 'pg';
import { MillraceError } from '../../base/errors.ts';
import type { Position } from '../../change/position.ts';
import type { StoredStart } from '../../change/source-binding.ts';
import {
  readReplicationIdentity,
  readServerIdentity,
  readTimelineHistory,
  type ReplicationIdentity,
  type ServerIdentity,
  type TimelineSwitch,
} from './identity.ts';
import { nameSome, problem, raiseProblems, type Problem } from './problems.ts';
import { planPublication, type PublicationPlan } from './publication-plan.ts';
import { readPublication, type PublicationState } from './publication.ts';
import { describeKind, displayName, quotedName, readRelations } from './relations.ts';
import { identityWarning } from './replica-identity.ts';
import { selectTables, type ReadOnce, type SelectedTable, type Selection } from './selection.ts';
import { readSlot, type SlotState } from './slot.ts';
import { decideStart, judgeBinding, type SlotPlan, type StartDecision } from './start-position.ts';
import { parseTablePatterns, type TablePattern } from './tables.ts';

export interface PreflightOptions {
  readonly changefeed: string;
  /** `MILLRACE_TABLES`, one entry each. */
  readonly tables: readonly string[];
  readonly slot: string;
  readonly publication: string;
  /** Changes of partitions go out as those of the table that they belong to. */
  readonly viaPartitionRoot: boolean;
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

/** The server as a start found it. */
export interface ServerFacts extends ServerIdentity, ReplicationIdentity {}

/** What a start will do; nothing of it has been done. */
export interface StartPlan {
  readonly options: PreflightOptions;
  readonly stored: StoredStart | null;
  readonly server: ServerFacts;
  readonly patterns: readonly TablePattern[];
  readonly tables: readonly SelectedTable[];
  /** What is read once, because it has no changes in the log. */
  readonly readOnce: readonly SelectedTable[];
  readonly publication: PublicationPlan;
  readonly slot: SlotPlan;
  /** Where the stream will start; null when the slot that says so is yet to be created. */
  readonly position: Position | null;
  readonly warnings: readonly string[];
}

const VERSION_MIN = 140_000;
const VERSION_TESTED_MAX = 190_000;

/**
 * Looks at everything that a start depends on and changes nothing: server, privileges, tables, publication, slot, position.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError the code of what stands in the way, or `PREFLIGHT_FAILED` listing all of it; errors of the connections as they are
 */
export async function preflight(
  connections: PreflightConnections,
  options: PreflightOptions,
  stored: StoredStart | null,
): Promise<StartPlan> {
  const patterns = parseTablePatterns(options.tables);
  const server = await readServerIdentity(connections.side);
  const unusable = judgeServer(server);
  // A standby, or a server too old for the statements below, has nothing more to tell.
  if (unusable.length > 0) raiseProblems(unusable);
  const { replication, history, problems } = await askReplication(connections, server, stored);
  const before = [...judgeSettings(server), ...problems];
  const facts = {
    slotName: options.slot,
    publicationName: options.publication,
    adopt: options.adoptSlot,
    stored,
    slot: await readSlot(connections.side, options.slot),
    server,
    replication: replication === null ? null : { ...replication, history },
  };
  const strange = judgeBinding(facts);
  if (strange.length > 0) raiseProblems([...before, ...strange]);
  const start = decideStart(facts);
  const selection = selectTables(patterns, await readRelations(connections.side), options.readOnce);
  const state = await readPublication(connections.side, options.publication, options.changefeed);
  const publication = planFor(state, selection, server, facts.slot, options, stored);
  const room = judgeRoom(server, facts.slot);
  raiseProblems([
    ...before,
    ...room,
    ...selection.problems,
    ...judgeReading(selection, options),
    ...publication.problems,
    ...start.problems,
  ]);
  return {
    options,
    stored,
    server: { ...server, ...replication! },
    patterns,
    tables: selection.tables,
    readOnce: selection.readOnce,
    publication,
    slot: start.slot,
    position: start.slot.action === 'create' ? null : positionAt(options.slot, start.slot.lsn),
    warnings: allWarnings(server, selection, publication, state, start),
  };
}

/** Reading tables takes a privilege that streaming their changes does not. */
export function judgeReading({ tables, readOnce }: Selection, options: PreflightOptions): Problem[] {
  if (options.readOnce === null) return [];
  const unreadable = [...tables, ...readOnce].flatMap(({ leaves }) => leaves.filter(({ isReadable }) => !isReadable));
  const [first] = unreadable;
  if (first === undefined) return [];
  const message = `The role may not read ${nameSome(unreadable.map(displayName))}. Run: GRANT SELECT ON ${quotedName(first)} TO ...;`;
  return [problem('TABLE_PRIVILEGE', message)];
}

/** What to tell of what is read and has no changes. */
export function readOnceWarning({ readOnce }: Selection): string[] {
  if (readOnce.length === 0) return [];
  const each = readOnce.map(({ relation }) => `${displayName(relation)} is ${describeKind(relation)}`);
  return [`What these hold now is exported, and no change of them, since the server's log has none: ${nameSome(each)}.`];
}

/** The position of a single slot. */
export function positionAt(slot: string, lsn: string): Position {
  return { kind: 'postgres', parts: [{ connection: slot, lsn }] };
}

/** Whether the server is new enough. */
export function judgeVersion(server: ServerIdentity): Problem[] {
  if (server.versionNumber >= VERSION_MIN) return [];
  const message = `The server is PostgreSQL ${server.version}; Millrace reads from 14 to 18.`;
  return [problem('SERVER_VERSION', message, { version: server.version })];
}

/** What to tell of a server that is newer than what was tested. */
export function versionWarning(server: ServerIdentity): string[] {
  if (server.versionNumber < VERSION_TESTED_MAX) return [];
  return [`PostgreSQL ${server.version} is newer than what Millrace was tested with (14 to 18).`];
}

function judgeServer(server: ServerIdentity): Problem[] {
  const tooOld = judgeVersion(server);
  if (tooOld.length > 0 || !server.isStandby) return tooOld;
  const message =
    'The server is a standby (pg_is_in_recovery() is true). Point MILLRACE_SOURCE_URL at the primary; MILLRACE_SYNC_MODE=FULL reads standbys.';
  return [problem('SERVER_STANDBY', message)];
}

function judgeSettings({ walLevel }: ServerIdentity): Problem[] {
  if (walLevel === 'logical') return [];
  const message = `wal_level is ${walLevel}. Run ALTER SYSTEM SET wal_level = logical; and restart the server.`;
  return [problem('WAL_LEVEL', message, { wal_level: walLevel })];
}

function judgeRoom({ slotsMax, slotsUsed }: ServerIdentity, slot: SlotState | null): Problem[] {
  if (slot !== null || slotsUsed < slotsMax) return [];
  const message =
    `All ${slotsMax} replication slots are taken. Run ALTER SYSTEM SET max_replication_slots = ${slotsMax + 10}; and restart the server, ` +
    'or drop one that nobody uses (`millrace slot list`).';
  return [problem('SLOTS_EXHAUSTED', message, { max_replication_slots: slotsMax })];
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
  stored: StoredStart | null,
): Promise<ReplicationAnswer> {
  let session: ReplicationSession;
  try {
    session = await openReplication();
  } catch (error) {
    return { replication: null, history: [], problems: [replicationRefused(error, server)] };
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

/** The refusal as a problem with its remedy. What is no refusal, such as a server that shuts down, is thrown on. */
function replicationRefused(error: unknown, server: ServerIdentity): Problem {
  if (!(error instanceof MillraceError)) throw error;
  if (error.code === 'WAL_SENDERS_EXHAUSTED') {
    const message =
      `All ${server.sendersMax} walsenders are taken. ` +
      `Run ALTER SYSTEM SET max_wal_senders = ${server.sendersMax + 10}; and restart the server.`;
    return problem('WAL_SENDERS_EXHAUSTED', message, { max_wal_senders: server.sendersMax });
  }
  if (error.code === 'REPLICATION_PRIVILEGE') {
    const statement = `ALTER ROLE ${escapeIdentifier(server.user)} REPLICATION;`;
    const message = `The role ${server.user} may not replicate. Run as a superuser: ${statement}`;
    return problem('REPLICATION_PRIVILEGE', message, { role: server.user });
  }
  if (error.code === 'LOGIN_REFUSED') {
    return problem('LOGIN_REFUSED', `A replication connection is refused though an ordinary one is not. ${error.message}`, error.details);
  }
  throw error;
}

function planFor(
  state: PublicationState | null,
  selection: Selection,
  server: ServerIdentity,
  slot: SlotState | null,
  options: PreflightOptions,
  stored: StoredStart | null,
): PublicationPlan {
  return planPublication(state, {
    name: options.publication,
    changefeed: options.changefeed,
    tables: selection.tables,
    viaRoot: options.viaPartitionRoot,
    database: server.database,
    user: server.user,
    canCreate: server.canCreate,
    slotExists: slot !== null,
    stored,
  });
}

function allWarnings(
  server: ServerIdentity,
  selection: Selection,
  publication: PublicationPlan,
  state: PublicationState | null,
  start: StartDecision,
): string[] {
  const warnings = versionWarning(server);
  warnings.push(...selection.warnings, ...readOnceWarning(selection), ...publication.warnings, ...start.warnings);
  const sendsChanges = state === null || state.isOurs || state.operations.includes('update') || state.operations.includes('delete');
  const identity = sendsChanges ? identityWarning(selection.tables) : null;
  if (identity !== null) warnings.push(identity);
  if (server.slotWalKeepSize === '-1') {
    warnings.push(
      'max_slot_wal_keep_size is -1: while Millrace does not run, the server keeps log for its slot until the disk is full. ' +
        'With a limit, the slot is given up instead: ALTER SYSTEM SET max_slot_wal_keep_size = ...;',
    );
  }
  return warnings;
}
