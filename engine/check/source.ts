import type { Code } from '../base/codes.ts';
import type { PostgresStart } from '../change/source-binding.ts';
import type { Config, PostgresConfig } from '../control/config/config.ts';
import { postgresStart, preflightOptions } from '../open-source.ts';
import { fromConnectionError } from '../source/postgres/connection-error.ts';
import type { Session } from '../source/postgres/connection.ts';
import { inspectStart } from '../source/postgres/inspection.ts';
import type { StreamedTable } from '../source/source.ts';
import { openReplication } from '../source/postgres/replication-session.ts';
import { readClock } from '../source/postgres/server-clock.ts';
import { inspectTables } from '../source/postgres/tables-preflight.ts';
import { parseConnectionUrl, type Environment } from '../source/postgres/url.ts';
import { isRecord, tellCheckpoint, type StoredCheckpoint } from './checkpoint-step.ts';
import { tellClock } from './clock-step.ts';
import { inspectOver } from './inspection-step.ts';
import { connectSource } from './source-connection.ts';
import { tellServer, tellStream } from './source-server.ts';
import { tellTables } from './source-tables.ts';
import { SOURCE_STEPS, type SourceStep } from './step-names.ts';
import { Steps, type Step } from './steps.ts';

export interface SourceRequest<C extends Config = PostgresConfig> {
  readonly config: C;
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

/**
 * Looks at everything that an export of the database depends on, and changes nothing there.
 * @throws MillraceError `SOURCE_URL_INVALID`, `TABLES_SYNTAX`
 */
export async function checkSource(request: SourceRequest): Promise<SourceReport> {
  const steps = new Steps('source', SOURCE_STEPS);
  const { source } = request.config;
  const session = await connectSource(source, request.environment, steps);
  const tables = await inspectOver(session, (open) => inspect(open, request, steps), fromConnectionError, steps);
  return { steps: steps.end(), tables };
}

async function inspect(session: Session, request: SourceRequest, steps: Steps<SourceStep>): Promise<readonly StreamedTable[] | null> {
  const { config, stored } = request;
  const options = preflightOptions(config);
  tellClock(await readClock(session.client, request.wallClock), steps);
  if (config.syncMode === 'FULL') {
    const found = await inspectTables(session.client, options, startOf(stored));
    tellServer(found.server, found, config, steps);
    tellCheckpoint(request, found, OF_CHECKPOINT, steps);
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
  tellCheckpoint(request, found, OF_CHECKPOINT, steps);
  await tellStream(session, found, config, steps);
  const { selection = null, publication = null } = found.found ?? {};
  return await tellTables({ session, config, found, selection, publication }, steps);
}

/** Of a checkpoint of another kind of source nothing is judged here: `tellCheckpoint` refuses it. */
function startOf(stored: StoredCheckpoint): PostgresStart | null {
  if (!isRecord(stored) || stored.source.kind !== 'postgres') return null;
  return postgresStart({ position: stored.position, source: stored.source });
}

const OF_CHECKPOINT: ReadonlySet<Code> = new Set<Code>(['SYSTEM_CHANGED', 'SLOT_CHANGED']);
