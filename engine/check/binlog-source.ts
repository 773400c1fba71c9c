import type { Code } from '../base/codes.ts';
import { sql, words } from '../base/remedy.ts';
import type { BinlogConfig } from '../control/config/config.ts';
import { clockReading } from '../source/clock-reading.ts';
import { fromConnectionError } from '../source/mysql/connection-error.ts';
import type { Session } from '../source/mysql/connection.ts';
import { readXaCount } from '../source/mysql/identity.ts';
import { inspectStart, type Inspection, type StoredPosition } from '../source/mysql/inspection.ts';
import { logPositionIn } from '../source/mysql/log-position.ts';
import { streamedTables } from '../source/mysql/open.ts';
import { displayName, quotedName, readEngines, type CatalogTable } from '../source/mysql/selection.ts';
import { readServerMs } from '../source/mysql/server-clock.ts';
import { parseConnectionUrl } from '../source/mysql/url.ts';
import type { StreamedTable } from '../source/source.ts';
import { connectBinlogSource } from './binlog-connection.ts';
import { tellBinlogServer, tellRetention } from './binlog-server.ts';
import { isRecord, tellCheckpoint, type StoredCheckpoint } from './checkpoint-step.ts';
import { tellClock } from './clock-step.ts';
import { tell } from './findings.ts';
import { inspectOver } from './inspection-step.ts';
import { tellNames } from './names-step.ts';
import { BINLOG_STEPS, type SourceStep } from './step-names.ts';
import type { SourceReport, SourceRequest } from './source.ts';
import { Steps } from './steps.ts';
import { countText } from './text.ts';

type BinlogRequest = Pick<SourceRequest<BinlogConfig>, 'config' | 'stored' | 'wallClock'>;

/**
 * Looks at everything that an export of MariaDB or MySQL depends on, and changes nothing there.
 * @throws MillraceError `SOURCE_URL_INVALID`, `TABLES_SYNTAX`
 */
export async function checkBinlogSource(request: BinlogRequest): Promise<SourceReport> {
  const steps = new Steps<SourceStep>('source', BINLOG_STEPS);
  const session = await connectBinlogSource(request.config.source, steps);
  const tables = await inspectOver(session, (open) => inspect(open, request, steps), fromConnectionError, steps);
  return { steps: steps.end(), tables };
}

async function inspect(session: Session, request: BinlogRequest, steps: Steps<SourceStep>): Promise<readonly StreamedTable[] | null> {
  const { config, stored, wallClock } = request;
  const { url, tables, serverId } = config.source;
  const askedAt = wallClock();
  tellClock(clockReading(await readServerMs(session), askedAt, wallClock()), steps);
  const { database } = parseConnectionUrl(url).settings;
  const found = await inspectStart(session, { tables, database, serverId, patienceMs: 0 }, positionIn(stored));
  tellBinlogServer(found, config, steps);
  if (found.problems.some(({ code }) => code === 'SERVER_VERSION' || code === 'BINLOG_OFF')) return null;
  tellCheckpoint(request, found, OF_CHECKPOINT, steps);
  await tellRetention(session, { found, stored, now: wallClock() }, steps);
  return await tellTables(session, config, found, steps);
}

const OF_CHECKPOINT: ReadonlySet<Code> = new Set<Code>(['SYSTEM_CHANGED', 'GTID_UNKNOWN', 'BINLOG_RESET', 'POSITION_BEYOND_END']);

/** Of a checkpoint of another kind of source nothing is judged here: `tellCheckpoint` refuses it. */
function positionIn(stored: StoredCheckpoint): StoredPosition | null {
  if (!isRecord(stored) || stored.source.kind !== 'binlog' || stored.position === null) return null;
  return { position: logPositionIn(stored.position), origin: stored.source };
}

/** What is exported, and what it lacks. */
async function tellTables(
  session: Session,
  config: BinlogConfig,
  found: Inspection,
  steps: Steps<SourceStep>,
): Promise<readonly StreamedTable[] | null> {
  const { tables, problems } = found.selection;
  const named = await streamedTables(session, tables);
  tellNames({ style: config.schemaName, named, shown: tables.map(displayName), found }, steps);
  // Of tables that are not those that were meant, nothing further can be said.
  if (problems.length > 0) return null;
  tell('binlog_databases', found, 'changes of all selected tables are in the log', steps);
  tellKeys(named, steps);
  tellEngines(tables, await readEngines(session, tables), steps);
  tellXa(await readXaCount(session), steps);
  return named;
}

function tellKeys(tables: readonly StreamedTable[], steps: Steps<SourceStep>): void {
  for (const table of tables.filter(({ isKeyed }) => !isKeyed)) {
    const seen = 'no primary key: its messages have no key, and order within a partition only; a compacted topic does not take them';
    steps.warn('keys', seen, [sql(`ALTER TABLE ${quotedName(table)} ADD PRIMARY KEY (...);`)], displayName(table));
  }
  if (!steps.has('keys')) steps.pass('keys', `the primary key of ${countText(tables.length, 'table')}`);
}

function tellEngines(tables: readonly CatalogTable[], without: ReadonlyMap<string, string>, steps: Steps<SourceStep>): void {
  for (const table of tables) {
    const engine = without.get(displayName(table));
    if (engine === undefined) continue;
    const seen = `${engine}: ${ENGINE_NOTES[engine] ?? 'no transactions, so what a statement that failed had changed is exported, too'}`;
    steps.warn('engines', seen, [sql(`ALTER TABLE ${quotedName(table)} ENGINE = InnoDB;`)], displayName(table));
  }
  if (!steps.has('engines')) steps.pass('engines', `transactions in ${countText(tables.length, 'table')}`);
}

const ENGINE_NOTES: Readonly<Record<string, string>> = {
  MEMORY: 'empty after a restart of the server, and no message says so of any row',
  FEDERATED: 'what is changed on the other server is not in the log of this one',
};

function tellXa(count: number, steps: Steps<SourceStep>): void {
  if (count === 0) return steps.pass('xa', 'no XA transaction since the server was started');
  const seen = `${countText(count, 'XA transaction')} since the server was started: one that changes a selected table ends the stream`;
  steps.warn('xa', seen, [
    words('take the tables that XA transactions change out of MILLRACE_TABLES (`!shop.orders`), until they are supported'),
  ]);
}
