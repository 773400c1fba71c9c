import { MillraceError } from '../base/errors.ts';
import type { SnapshotRecord } from '../change/snapshot.ts';
import type { CheckpointContent } from './record.ts';

/** How a start goes on from what an earlier one left. */
export interface ModeDecision {
  /** The snapshot to go on with; null when there is none, or none that counts. */
  readonly snapshot: SnapshotRecord | null;
  /** What changes for the operator; null when nothing does. */
  readonly notice: string | null;
}

/**
 * Holds the mode of this start against the checkpoint.
 *
 *   checkpoint                          FULL                INCREMENTAL                FULL + INCREMENTAL
 *   none                                begins              begins                     begins
 *   FULL, finished or not               goes on, says so    begins, and says so        begins anew, and says so
 *   stream without a snapshot           refused             goes on                    reads the rows, then goes on, and says so
 *   FULL + INCREMENTAL, not finished    refused             refused                    goes on
 *   FULL + INCREMENTAL, finished        refused             goes on                    goes on
 *
 * @throws MillraceError `SYNC_MODE_CHANGED`
 */
export function decideMode(
  mode: 'FULL' | 'INCREMENTAL' | 'FULL + INCREMENTAL',
  stored: Pick<CheckpointContent, 'position' | 'snapshot'> | null,
): ModeDecision {
  const snapshot = stored?.snapshot ?? null;
  const hasStream = stored !== null && stored.position !== null;
  if (mode === 'FULL') {
    if (hasStream) throw streamIsStored();
    if (snapshot?.mode !== 'FULL') return { snapshot: null, notice: null };
    return { snapshot, notice: hasBegun(snapshot) ? LATER_MOMENT : null };
  }
  if (snapshot?.mode === 'FULL') return { snapshot: null, notice: afterFull(mode) };
  if (mode === 'INCREMENTAL') {
    if (snapshot !== null && snapshot.finishedAt === null) throw snapshotIsUnfinished(snapshot);
    return { snapshot, notice: null };
  }
  const notice =
    'the checkpoint is of a changefeed that exported changes alone: the rows of its tables are read now, then the stream goes on';
  return { snapshot, notice: hasStream && snapshot === null ? notice : null };
}

const LATER_MOMENT =
  'the snapshot goes on at a later moment: of rows whose key was changed meanwhile, one that moved into a range that is done is not exported; ' +
  'begin anew with `millrace position reset` where that matters';

/** Some of it is done, and not all. */
function hasBegun({ finishedAt, tables }: SnapshotRecord): boolean {
  return finishedAt === null && tables.some(({ parts }) => parts.some(({ done }) => done !== ''));
}

function afterFull(mode: 'INCREMENTAL' | 'FULL + INCREMENTAL'): string {
  if (mode === 'INCREMENTAL')
    return 'the checkpoint is of a FULL export: what changed between its snapshot and the start of the slot is not exported';
  return 'the checkpoint is of a FULL export, which held no slot: all rows are read anew, under the snapshot that the stream follows';
}

function streamIsStored(): MillraceError {
  const message =
    'The checkpoint holds the position of a stream, whose slot would hold back the log for nothing while MILLRACE_SYNC_MODE=FULL exports tables. ' +
    'Set the mode back, or run FULL under another MILLRACE_CHANGEFEED.';
  return new MillraceError('SYNC_MODE_CHANGED', message);
}

function snapshotIsUnfinished({ startedAt }: SnapshotRecord): MillraceError {
  const message =
    `The snapshot that was begun at ${startedAt} is not finished: MILLRACE_SYNC_MODE=INCREMENTAL would leave out its other rows. ` +
    'Set the mode back to FULL + INCREMENTAL, or give up position and snapshot with `millrace position reset`.';
  return new MillraceError('SYNC_MODE_CHANGED', message, { startedAt });
}
