import type { Code } from '../base/codes.ts';
import { MillraceError, toErrorRecord } from '../base/errors.ts';
import { shell, words } from '../base/remedy.ts';
import { positionText } from '../change/position.ts';
import type { CheckpointRecord } from '../checkpoint/record.ts';
import { decideMode } from '../checkpoint/sync-mode.ts';
import type { Config } from '../control/config/config.ts';
import { assertSameKind } from '../open-source.ts';
import type { Findings } from './findings.ts';
import type { SourceStep } from './step-names.ts';
import type { Steps } from './steps.ts';

/** Null before the first start, an error when it cannot be read. It is not read from a topic while Kafka is not looked at. */
export type StoredCheckpoint = CheckpointRecord | MillraceError | 'not read' | null;

export interface CheckpointRequest {
  readonly config: Config;
  readonly stored: StoredCheckpoint;
}

export function isRecord(stored: StoredCheckpoint): stored is CheckpointRecord {
  return stored !== null && stored !== 'not read' && !(stored instanceof MillraceError);
}

/**
 * Whether a start can go on from what is stored.
 * @param codes of problems that are ones of the checkpoint
 */
export function tellCheckpoint(
  { stored, config }: CheckpointRequest,
  { problems }: Pick<Findings, 'problems'>,
  codes: ReadonlySet<Code>,
  steps: Steps<SourceStep>,
): void {
  for (const { code, message, remedies } of problems) {
    if (codes.has(code)) steps.fail('checkpoint', code, message, remedies);
  }
  if (steps.has('checkpoint')) return;
  if (stored instanceof MillraceError) {
    const isUnusable = stored.code.startsWith('STATE_');
    const remedies = [words('put the right state directory back, or give up the position:'), shell('millrace position reset')];
    return steps.fail('checkpoint', stored.code, stored.message, isUnusable ? remedies : [words('mend what stands in the way of Kafka')]);
  }
  if (stored === 'not read') return steps.skip('checkpoint', `it is in topic ${config.checkpointTopic}: check both sides`);
  try {
    assertSameKind(stored, config.source.kind);
    const { notice } = decideMode(config.syncMode, stored);
    if (notice !== null) steps.warn('checkpoint', notice, []);
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    steps.fail('checkpoint', code, message, [words('set back what was changed, or use another MILLRACE_CHANGEFEED')]);
  }
  if (steps.has('checkpoint')) return;
  if (stored === null) return steps.pass('checkpoint', 'none: the next start is the first one');
  const { position, writtenAt } = stored;
  const at = position === null ? 'no position yet' : `position ${positionText(position)}`;
  steps.pass('checkpoint', `${at}, stored ${writtenAt}`);
}
