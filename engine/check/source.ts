import { MillraceError, toErrorRecord } from '../base/errors.ts';
import { shell, words } from '../base/remedy.ts';
import { positionText } from '../change/position.ts';
import type { PostgresStart } from '../change/source-binding.ts';
import type { CheckpointRecord } from '../checkpoint/record.ts';
import { decideMode } from '../checkpoint/sync-mode.ts';
import type { PostgresConfig } from '../control/config/config.ts';
import { assertSameKind, postgresStart, preflightOptions } from '../open-source.ts';
import { fromConnectionError } from '../source/postgres/connection-error.ts';
import type { Session } from '../source/postgres/connection.ts';
import { inspectStart } from '../source/postgres/inspection.ts';
import type { Problem, Warning } from '../source/problems.ts';
import type { StreamedTable } from '../source/source.ts';
import { openReplication } from '../source/postgres/replication-session.ts';
import { readClock } from '../source/postgres/server-clock.ts';
import { inspectTables } from '../source/postgres/tables-preflight.ts';
import { parseConnectionUrl, type Environment } from '../source/postgres/url.ts';
import { connectSource } from './source-connection.ts';
import { tellServer, tellStream } from './source-server.ts';
import { tellTables } from './source-tables.ts';
import { SOURCE_STEPS, type SourceStep } from './step-names.ts';
import { Steps, type Step } from './steps.ts';

/** Null before the first start, an error when it cannot be read. It is not read from a topic while Kafka is not looked at. */
export type StoredCheckpoint = CheckpointRecord | MillraceError | 'not read' | null;

export interface SourceRequest {
  readonly config: PostgresConfig;
  readonly environment: Environment;
  /** The checkpoint of the changefeed. */
  readonly stored: StoredCheckpoint;
  /** Our clock: milliseconds since 1970. */
  readonly wallClock: () => number;
}

export interface SourceReport {
  readonly steps: readonly Step[];
  /** What the topics are held against; null when it could not be found out. */
  readonly tables: readonly StreamedTable[] | null;
}

/** What was found of a start, in either mode. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Looks at everything that an export of the database depends on, and changes nothing there.
 * @throws MillraceError `SOURCE_URL_INVALID`, `TABLES_SYNTAX`
 */
export async function checkSource(request: SourceRequest): Promise<SourceReport> {
  const steps = new Steps('source', SOURCE_STEPS);
  const { source } = request.config;
  let tables: readonly StreamedTable[] | null = null;
  const session = await connectSource(source, request.environment, steps);
  if (session !== null) {
    try {
      tables = await inspect(session, request, steps);
    } catch (error) {
      const refused = fromConnectionError(error, 'the database could not be looked at');
      if (refused.action === 'fix-config') throw refused;
      steps.failNext(refused.code, refused.message, [words('mend what the message names')]);
    } finally {
      await session.close();
    }
  }
  return { steps: steps.end(), tables };
}

async function inspect(session: Session, request: SourceRequest, steps: Steps<SourceStep>): Promise<readonly StreamedTable[] | null> {
  const { config, stored } = request;
  const options = preflightOptions(config);
  await tellClock(session, request, steps);
  if (config.syncMode === 'FULL') {
    const found = await inspectTables(session.client, options, startOf(stored));
    tellServer(found.server, found, config, steps);
    tellCheckpoint(request, found, steps);
    return await tellTables({ session, config, found, selection: found.selection, publication: null }, steps);
  }
  const { url, passwordFile } = config.source;
  const settings = { ...parseConnectionUrl(url, request.environment).settings, secretFile: passwordFile };
  const connections = {
    side: session.client,
    // As the stream opens it: with the settings verified that a pooler in between may drop.
    openReplication: async () => (await openReplication({ settings, warn: () => undefined })).session,
  };
  const found = await inspectStart(connections, options, startOf(stored));
  tellServer(found.server, found, config, steps);
  tellCheckpoint(request, found, steps);
  await tellStream(session, found, config, steps);
  const { selection = null, publication = null } = found.found ?? {};
  return await tellTables({ session, config, found, selection, publication }, steps);
}

/** Of a checkpoint of another kind of source nothing is judged here: `tellCheckpoint` refuses it. */
function startOf(stored: StoredCheckpoint): PostgresStart | null {
  if (!isRecord(stored) || stored.source.kind !== 'postgres') return null;
  return postgresStart({ position: stored.position, source: stored.source });
}

export function isRecord(stored: StoredCheckpoint): stored is CheckpointRecord {
  return stored !== null && stored !== 'not read' && !(stored instanceof MillraceError);
}

/** Beyond this, times of the database and of this machine cannot be read side by side. */
const CLOCK_MS_MAX = 1_000;

async function tellClock(session: Session, { wallClock }: SourceRequest, steps: Steps<SourceStep>): Promise<void> {
  const { aheadMs, uncertainMs } = await readClock(session.client, wallClock);
  const found = `the database's clock is ${Math.abs(Math.round(aheadMs))} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(aheadMs) - uncertainMs <= CLOCK_MS_MAX) return steps.pass('clock', found);
  steps.warn('clock', `${found}: times in logs and messages do not compare`, [
    words('keep both by NTP (chronyc tracking, timedatectl status); exact rows do not depend on it'),
  ]);
}

const OF_CHECKPOINT = new Set(['SYSTEM_CHANGED', 'SLOT_CHANGED']);

function tellCheckpoint({ stored, config }: SourceRequest, { problems }: Findings, steps: Steps<SourceStep>): void {
  for (const { code, message, remedies } of problems) {
    if (OF_CHECKPOINT.has(code)) steps.fail('checkpoint', code, message, remedies);
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
