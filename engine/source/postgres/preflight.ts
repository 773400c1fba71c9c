import type { PostgresPosition } from '../../change/position.ts';
import type { PostgresStart } from '../../change/source-binding.ts';
import type { ReplicationIdentity, ServerIdentity } from './identity.ts';
import { inspectStart, type PreflightConnections, type PreflightOptions } from './inspection.ts';
import { raiseProblems } from '../problems.ts';
import type { PublicationPlan } from './publication-plan.ts';
import type { SelectedTable } from './selection.ts';
import type { SlotPlan } from './start-position.ts';
import type { TablePattern } from '../tables.ts';

/** The server as a start found it. */
export interface ServerFacts extends ServerIdentity, ReplicationIdentity {}

/** What a start will do; nothing of it has been done. */
export interface StartPlan {
  readonly options: PreflightOptions;
  readonly stored: PostgresStart | null;
  readonly server: ServerFacts;
  readonly patterns: readonly TablePattern[];
  readonly tables: readonly SelectedTable[];
  /** What is read once, because it has no changes in the log. */
  readonly readOnce: readonly SelectedTable[];
  readonly publication: PublicationPlan;
  readonly slot: SlotPlan;
  /** Where the stream will start; null when the slot that says so is yet to be created. */
  readonly position: PostgresPosition | null;
  readonly warnings: readonly string[];
}

/**
 * Looks at everything that a start depends on, and changes nothing.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError the code of what stands in the way, or `PREFLIGHT_FAILED` listing all of it; errors of the connections as they are
 */
export async function preflight(
  connections: PreflightConnections,
  options: PreflightOptions,
  stored: PostgresStart | null,
): Promise<StartPlan> {
  const { server, patterns, problems, warnings, replication, found } = await inspectStart(connections, options, stored);
  raiseProblems(problems);
  // Without problems everything was looked at.
  const { selection, publication, slot } = found!;
  return {
    options,
    stored,
    server: { ...server, ...replication! },
    patterns,
    tables: selection.tables,
    readOnce: selection.readOnce,
    publication,
    slot,
    position: slot.action === 'create' ? null : positionAt(options.slot, slot.lsn),
    warnings: warnings.map(({ message }) => message),
  };
}

/** The position of a single slot. */
export function positionAt(slot: string, lsn: string): PostgresPosition {
  return { kind: 'postgres', parts: [{ connection: slot, lsn }] };
}
