import type { PostgresBinding, PostgresStart } from '../../change/source-binding.ts';
import type { ServerIdentity, TimelineSwitch } from './identity.ts';
import { isBeyond } from './lsn.ts';
import { shell, sql, words, type Remedy } from '../../base/remedy.ts';
import { problem, warning, type Problem, type Warning } from '../problems.ts';
import { slotActive, type SlotState } from './slot.ts';

/** What a start does about the slot and from where it reads. */
export type SlotPlan =
  /** Record the intent, create the slot, start at its consistent point. */
  | { readonly action: 'create' }
  /** The slot is there and no position is stored: start where it stands. */
  | { readonly action: 'adopt'; readonly lsn: string; readonly claim: 'created' | 'adopted' }
  /** Start at the stored position. */
  | { readonly action: 'resume'; readonly lsn: string };

export interface StartFacts {
  readonly slotName: string;
  readonly publicationName: string;
  /** `MILLRACE_SLOT_ADOPT`: a slot without a checkpoint may be taken over. */
  readonly adopt: boolean;
  readonly stored: PostgresStart | null;
  readonly slot: SlotState | null;
  readonly server: ServerIdentity;
  /** Null when no replication connection could be had; what depends on it is then not judged. */
  readonly replication: {
    readonly systemIdentifier: string;
    readonly timeline: number;
    readonly history: readonly TimelineSwitch[];
  } | null;
}

export interface StartDecision {
  /** Meaningless when there are problems. */
  readonly slot: SlotPlan;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Decides where the stream starts.
 *
 *   checkpoint   slot         start
 *   none         missing      at the consistent point of a new slot
 *   none         there        SLOT_FOREIGN; by MILLRACE_SLOT_ADOPT where it stands
 *   intent       missing      as without a checkpoint
 *   intent       there        where it stands: it is the one we were about to create (or the one that a reset leaves to us)
 *   position     missing      SLOT_MISSING
 *   position     there        at the position, unless server, timeline or slot have left it:
 *
 *     timeline switched before it, or      TIMELINE_SWITCHED   what was exported does not exist here
 *       before the last snapshot
 *     position beyond the server's end     POSITION_BEYOND_END the server would send nothing, and say nothing
 *     slot confirmed beyond it             SLOT_AHEAD          the server would skip what lies between, and say nothing
 *     slot invalidated                     SLOT_LOST
 *
 * The checkpoint is one of this server: `judgeBinding` was asked before.
 */
export function decideStart(facts: StartFacts): StartDecision {
  const { stored, slot } = facts;
  const owned = ownedBy(stored);
  const problems = judgeSlot(facts);
  const warnings = slotWarnings(facts);
  if (slot === null) {
    if (owned !== null && owned.position !== null) problems.push(slotMissing(facts, owned));
    return { slot: { action: 'create' }, problems, warnings };
  }
  if (owned === null && !facts.adopt) problems.push(slotForeign(slot));
  if (owned === null || owned.position === null) {
    const claim = owned === null ? 'adopted' : 'created';
    return { slot: { action: 'adopt', lsn: slot.confirmedLsn ?? '0/0', claim }, problems, warnings };
  }
  const lsn = owned.position.parts[0]!.lsn;
  problems.push(...judgePosition(facts, owned.source, slot, lsn));
  return { slot: { action: 'resume', lsn }, problems, warnings };
}

const POSITION_RESET = shell('millrace position reset');

function slotDrop(name: string): Remedy {
  return shell(`millrace slot drop ${name}`);
}

/** What a checkpoint says of a slot of ours; null when there is none. */
function ownedBy(stored: PostgresStart | null): PostgresStart | null {
  return stored === null || stored.source.claim === 'none' ? null : stored;
}

/**
 * Whether the checkpoint is one of this server and of these options at all. If it is not, nothing that is found about its position,
 * slot or publication means anything.
 */
export function judgeBinding({ stored, slotName, publicationName, server, replication }: Omit<StartFacts, 'slot' | 'adopt'>): Problem[] {
  const owned = ownedBy(stored);
  if (owned === null) return [];
  const { source } = owned;
  const problems: Problem[] = [];
  if (source.slot !== slotName || source.publication !== publicationName) {
    const message =
      `The checkpoint belongs to the slot ${source.slot} and the publication ${source.publication}; ` +
      `the options name ${slotName} and ${publicationName}. ` +
      'Set them back, or give up the position with `millrace position reset`.';
    const remedy = words(`set MILLRACE_SLOT=${source.slot} and MILLRACE_PUBLICATION=${source.publication}`);
    problems.push(problem('SLOT_CHANGED', message, { slot: source.slot, publication: source.publication }, [remedy]));
  }
  if (source.systemIdentifier !== null && replication !== null && source.systemIdentifier !== replication.systemIdentifier) {
    const message =
      `The checkpoint was made on the database cluster with the system identifier ${source.systemIdentifier}; this one has ` +
      `${replication.systemIdentifier}: another server, or one made anew (initdb, pg_upgrade).`;
    problems.push(problem('SYSTEM_CHANGED', message, { stored: source.systemIdentifier, found: replication.systemIdentifier }, ELSEWHERE));
  } else if (source.database !== null && source.database !== server.database) {
    const message = `The checkpoint was made on the database ${source.database}; this is ${server.database}.`;
    problems.push(problem('SYSTEM_CHANGED', message, { stored: source.database, found: server.database }, ELSEWHERE));
  }
  return problems;
}

const ELSEWHERE = [words('point MILLRACE_SOURCE_URL back to where the checkpoint was made, or begin anew here:'), POSITION_RESET];

/** Whether the slot, whoever made it, can serve at all. */
function judgeSlot({ slot, server }: StartFacts): Problem[] {
  if (slot === null) return [];
  const details = { slot: slot.name };
  const unsuitable = unsuitability(slot, server);
  if (unsuitable !== null) {
    const message = `The slot ${slot.name} ${unsuitable}. Choose another name (MILLRACE_SLOT), or drop it with \`millrace slot drop\`.`;
    return [problem('SLOT_UNSUITABLE', message, details, [words('set MILLRACE_SLOT to another name')])];
  }
  const lost = judgeSlotLoss(slot, server);
  if (lost.length > 0) return lost;
  if (slot.reader !== null) {
    const { code, message, details: about } = slotActive(slot.name, slot.reader);
    return [problem(code, message, about, [sql(`SELECT pg_terminate_backend(${slot.reader.pid});`)])];
  }
  if (slot.confirmedLsn === null) {
    const message = `The slot ${slot.name} has no consistent point: its creation was cut short. Drop it with \`millrace slot drop\`.`;
    return [problem('SLOT_UNSUITABLE', message, details, [slotDrop(slot.name)])];
  }
  return [];
}

/** Whether the server has given the slot up. */
export function judgeSlotLoss(slot: SlotState, server: ServerIdentity): Problem[] {
  if (slot.walStatus !== 'lost' && slot.invalidation === null) return [];
  const message =
    `The server has invalidated the slot ${slot.name}${slot.invalidation === null ? '' : ` (${slot.invalidation})`}: ` +
    `${lossReason(slot, server)} ` +
    'Changes that were not exported are gone. Start anew with `millrace slot drop` and `millrace position reset`.';
  const details = { slot: slot.name, reason: slot.invalidation };
  return [problem('SLOT_LOST', message, details, [slotDrop(slot.name), POSITION_RESET])];
}

function unsuitability(slot: SlotState, server: ServerIdentity): string | null {
  if (slot.kind === 'physical') return 'is a physical one, for standbys';
  if (slot.plugin !== 'pgoutput') return `decodes with the plugin ${slot.plugin}; Millrace reads pgoutput`;
  if (slot.database !== server.database) return `belongs to the database ${slot.database}; this is ${server.database}`;
  if (slot.isTemporary) return 'is temporary and ends with the connection that made it';
  if (slot.isTwoPhase) return 'was made with two_phase: it sends transactions before they are committed';
  return null;
}

function lossReason(slot: SlotState, server: ServerIdentity): string {
  switch (slot.invalidation ?? 'wal_removed') {
    case 'wal_level_insufficient':
      return 'wal_level was lowered. Set it to logical.';
    case 'rows_removed':
      return 'rows of the catalogue that it needs were removed.';
    case 'idle_timeout':
      return 'it was idle for longer than idle_replication_slot_timeout. Raise it, or set it to 0.';
    default:
      return `the log that it needs grew beyond max_slot_wal_keep_size (${server.slotWalKeepSize} now). Raise it.`;
  }
}

function judgePosition(facts: StartFacts, source: PostgresBinding, slot: SlotState, lsn: string): Problem[] {
  const { server, replication } = facts;
  const switched = replication === null ? null : judgeTimeline(source, replication.timeline, replication.history, lsn);
  if (switched !== null) return [switched];
  if (isBeyond(lsn, server.endLsn)) {
    const message =
      `The stored position ${lsn} lies beyond the end of the server's log, ${server.endLsn}: ` +
      'the server would send nothing and not say so. ' +
      'Is it restored from a backup, or the state that of another server? `millrace position reset` goes on where the slot stands.';
    return [problem('POSITION_BEYOND_END', message, { stored: lsn, end: server.endLsn }, [POSITION_RESET])];
  }
  if (slot.confirmedLsn !== null && isBeyond(slot.confirmedLsn, lsn)) {
    const message =
      `The slot ${slot.name} is confirmed up to ${slot.confirmedLsn}, beyond the stored position ${lsn}: ` +
      'the server would skip what lies between and not say so. ' +
      'It was dropped and made again, something else read from it, or an older state directory was put back. ' +
      'Put the right one back, or accept the gap with `millrace position reset`.';
    const details = { slot: slot.name, stored: lsn, confirmed: slot.confirmedLsn };
    return [problem('SLOT_AHEAD', message, details, [words('put the right state directory back, or accept the gap:'), POSITION_RESET])];
  }
  return [];
}

function judgeTimeline(source: PostgresBinding, timeline: number, history: readonly TimelineSwitch[], position: string): Problem | null {
  if (source.timeline === null || source.timeline === timeline) return null;
  const left = history.find((entry) => entry.timeline === source.timeline);
  // Rows that a snapshot showed are exported, wherever the stream that follows it stands.
  const isSnapshotAhead = source.snapshotLsn !== null && isBeyond(source.snapshotLsn, position);
  const lsn = isSnapshotAhead ? source.snapshotLsn : position;
  if (left !== undefined && !isBeyond(lsn, left.lsn)) return null;
  const where = left === undefined ? `which is no part of this server's history` : `which this server left at ${left.lsn}`;
  const message =
    `The stored ${isSnapshotAhead ? "snapshot's place" : 'position'} ${lsn} lies on timeline ${source.timeline}, ${where}; it is on timeline ${timeline} now. ` +
    'Changes that were exported do not exist on it, and others have taken their place in the log. ' +
    'Reconcile the consumers, then go on where the slot stands with `millrace position reset`.';
  const details = { stored: lsn, timeline: source.timeline, found: timeline, left: left?.lsn ?? null };
  return problem('TIMELINE_SWITCHED', message, details, [
    words('reconcile the consumers, then go on where the slot stands:'),
    POSITION_RESET,
  ]);
}

function slotMissing({ server, slotName, replication }: StartFacts, { source }: PostgresStart): Problem {
  const moved = replication !== null && source.timeline !== null && replication.timeline !== source.timeline;
  const why = moved
    ? ` The server has moved from timeline ${source.timeline} to ${replication.timeline}: a failover${failoverHint(server)}.`
    : '';
  const message =
    `The slot ${slotName}, which the checkpoint belongs to, does not exist.${why} ` +
    'Changes since the stored position cannot be read any more. ' +
    'Start anew with a new slot: `millrace position reset`.';
  return problem('SLOT_MISSING', message, { slot: slotName }, [POSITION_RESET]);
}

function failoverHint(server: ServerIdentity): string {
  if (server.versionNumber < 170_000) return ', which slots survive only from PostgreSQL 17 on';
  return ' that the slot did not survive: standbys copy it with sync_replication_slots, hot_standby_feedback and primary_slot_name';
}

function slotForeign(slot: SlotState): Problem {
  const message =
    `A slot ${slot.name} exists, standing at ${slot.confirmedLsn}, and no checkpoint says that it is ours ` +
    '(was the state directory lost?). Take it over from where it stands with MILLRACE_SLOT_ADOPT=true, ' +
    'choose another name with MILLRACE_SLOT, or drop it with `millrace slot drop`.';
  const remedy = words('take it over with MILLRACE_SLOT_ADOPT=true, or give MILLRACE_SLOT another name');
  return problem('SLOT_FOREIGN', message, { slot: slot.name, confirmed: slot.confirmedLsn }, [remedy]);
}

function slotWarnings({ slot }: StartFacts): Warning[] {
  if (slot === null) return [];
  const warnings: Warning[] = [];
  if (slot.walStatus === 'unreserved') {
    const message = `The slot ${slot.name} is beyond max_slot_wal_keep_size and may be lost at the server's next checkpoint.`;
    warnings.push(warning('slots', message, [words('start Millrace now, or raise max_slot_wal_keep_size')]));
  }
  if (slot.isFailover === false) {
    const statement = `ALTER_REPLICATION_SLOT ${slot.name} (FAILOVER true)`;
    const message = `The slot ${slot.name} does not survive a failover. To change that, run on a replication connection: ${statement};`;
    warnings.push(warning('slots', message, [words(`on a replication connection: ${statement};`)]));
  }
  return warnings;
}
