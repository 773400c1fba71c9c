import type { PostgresBinding, PostgresStart } from '../../change/source-binding.ts';
import { openSession, type Session } from './connection.ts';
import type { QualifiedName } from './catalog-queries.ts';
import { openTableRead } from './beside/open-read.ts';
import { openKeeper, type Keeper } from './copy/keeper.ts';
import { openSnapshot, type SnapshotRequest } from './open-snapshot.ts';
import { PostgresSource } from './source.ts';
import { SignalTable } from './signals.ts';
import { decideName } from '../tables.ts';
import { displayName } from './relations.ts';
import { SourceWatch } from './watch.ts';
import type { PreflightOptions } from './inspection.ts';
import { preflight, type StartPlan } from './preflight.ts';
import { recheck } from './recheck.ts';
import type { SelectedTable } from './selection.ts';
import { beginStart } from './start.ts';
import { planTables } from './tables-preflight.ts';
import { parseConnectionUrl, type ConnectionSettings, type Environment } from './url.ts';
import { TableVersions } from '../versions.ts';
import type { BegunStream, OpenedSource, OpenedStream, SourceEvents, StreamedTable, StreamSettings } from '../source.ts';

export interface OpenOptions extends PreflightOptions {
  readonly url: string;
  /** File of the password; null where it was given otherwise. */
  readonly secretFile: string | null;
  readonly environment: Environment;
  /** Null when changes alone are exported. */
  readonly snapshot: SnapshotRequest | null;
}

export interface OpenHooks {
  readonly events: SourceEvents;
  /** Sees the selected tables before anything is created; rejects when they cannot be exported together. */
  readonly accept: (tables: readonly StreamedTable[]) => Promise<void>;
  /** Sees the tables that have a stream before the publication is altered: of any other one the changes come no longer. */
  readonly forgetOthers: (tables: readonly SelectedTable[]) => Promise<void>;
  /** Makes an intent or a start durable, before the step that depends on it. */
  readonly save: (start: PostgresStart) => Promise<void>;
  /** The number of the version of a table with this content, the same over restarts. */
  readonly schemaVersionOf: (content: string) => number;
}

/** How often the side connection looks at what the stream does not tell of. */
const WATCH_MS = 10_000;
/** How long the creation of a slot may wait before the log says for whom, and how often again. */
const PATIENCE_MS = 5000;

/**
 * Connects, looks at everything, and brings publication and slot into the state that the stream needs; without a stream it looks only.
 * Whoever opened it closes the side connection; the source does so, too.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError of the connection's and the preflight's codes
 */
export async function openPostgres(options: OpenOptions, stored: PostgresStart | null, hooks: OpenHooks): Promise<OpenedSource> {
  const { settings: given, warnings } = parseConnectionUrl(options.url, options.environment);
  const settings = { ...given, secretFile: options.secretFile };
  const warn = (message: string) => hooks.events.warn('SOURCE_CONNECTION', message);
  warnings.forEach(warn);
  const side = await openSession({ settings, kind: 'query', warn });
  try {
    const place = { settings, side, versions: new TableVersions(hooks.schemaVersionOf) };
    return options.snapshot?.mode === 'FULL'
      ? await openTables(place, options, options.snapshot, stored, hooks)
      : await openStream(place, options, stored, hooks);
  } catch (error) {
    await side.close();
    throw error;
  }
}

interface Place {
  readonly settings: ConnectionSettings;
  /** Ordinary session for the catalogue and for health. */
  readonly side: Session;
  readonly versions: TableVersions;
}

/** What a place is whatever is read of it. */
function openedAt({ settings, side }: Place, tables: readonly SelectedTable[]): Pick<OpenedSource, 'instance' | 'tables' | 'close'> {
  return {
    instance: `${side.server.host}:${side.server.port}/${settings.database}`,
    tables: tables.map(({ relation }) => displayName(relation)),
    close: () => side.close(),
  };
}

async function openStream(place: Place, options: OpenOptions, stored: PostgresStart | null, hooks: OpenHooks): Promise<OpenedSource> {
  const { settings, side, versions } = place;
  const { events, accept, forgetOthers, save } = hooks;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const connections = { side: side.client, openReplication: () => openSession({ settings, kind: 'replication', warn }) };
  const plan = await preflight(connections, options, stored);
  for (const warning of plan.warnings) events.warn('PREFLIGHT', warning);
  const tables = [...plan.tables, ...plan.readOnce];
  await accept(namedTables(settings.database, tables, options.viaPartitionRoot));
  await forgetOthers(tables);
  let keeper: Keeper | null = null;
  const takeSnapshot = async (exported: string) => {
    keeper = await openKeeper({ settings, warn }, exported);
  };
  try {
    const wantsSnapshot = options.snapshot !== null;
    const start = await beginStart(connections, plan, {
      events,
      save,
      patienceMs: PATIENCE_MS,
      takeSnapshot: wantsSnapshot ? takeSnapshot : null,
    });
    const { slot, publication, viaPartitionRoot: viaRoot } = plan.options;
    const joining = plan.tables.filter((table) => joins(table, options.snapshot));
    const before = tables.filter((table) => !joining.includes(table));
    const parts = { settings, tables: before, viaRoot, slot, publication, versions, events };
    const snapshot = options.snapshot === null ? null : await openSnapshot(options.snapshot, parts, keeper);
    const binding = snapshot === null ? start.source : { ...start.source, snapshotLsn: snapshot.lsn };
    const stream: OpenedStream = {
      position: start.position,
      isNew: start.isNew,
      begin: (streaming) => beginStream(place, plan, binding, streaming),
    };
    return {
      ...openedAt(place, tables),
      version: plan.server.version,
      binding,
      snapshot,
      joining: joining.map(({ relation }) => displayName(relation)),
      stream,
    };
  } catch (error) {
    await (keeper as Keeper | null)?.session.close();
    throw error;
  }
}

/** What tables hold and nothing else: no slot, no publication, any server that can be read. */
async function openTables(
  place: Place,
  options: OpenOptions,
  request: SnapshotRequest,
  stored: PostgresStart | null,
  { events, accept }: OpenHooks,
): Promise<OpenedSource> {
  const { settings, side, versions } = place;
  const { tables, version, binding, warnings } = await planTables(side.client, options, stored);
  for (const warning of warnings) events.warn('PREFLIGHT', warning);
  await accept(namedTables(settings.database, tables, options.viaPartitionRoot));
  const parts = { settings, tables, viaRoot: options.viaPartitionRoot, slot: options.slot, publication: null, versions, events };
  const snapshot = await openSnapshot(request, parts, null);
  return { ...openedAt(place, tables), version, binding, snapshot, joining: [], stream: null };
}

/**
 * Whether a table is new to a changefeed that has read all others, and can be read beside the stream: it has a key. Others are read before
 * the stream goes on.
 */
function joins({ relation, leaves }: SelectedTable, request: SnapshotRequest | null): boolean {
  const stored = request?.stored ?? null;
  if (stored === null || stored.finishedAt === null || !relation.hasIdentityIndex) return false;
  const known = new Set(stored.tables.map(({ oid }) => oid));
  return ![relation, ...leaves].some(({ oid }) => known.has(oid));
}

/** The tables as messages name them: with MILLRACE_PARTITION_ROOT=false the partitions. */
export function namedTables(database: string, tables: readonly SelectedTable[], viaRoot: boolean): StreamedTable[] {
  const relations = viaRoot ? tables.map(({ relation }) => relation) : tables.flatMap(({ leaves }) => leaves);
  return relations.map(({ schema, table, identity, hasIdentityIndex }) => ({
    database,
    schema,
    table,
    // Of an identity index that is gone nothing is asked here: the primary key then counts, if there is one.
    isKeyed: hasIdentityIndex || identity === 'i',
  }));
}

/** The source over what was opened, and what reads tables beside it. The source closes the side connection. */
function beginStream(
  { settings, side, versions }: Place,
  plan: StartPlan,
  binding: PostgresBinding,
  streaming: StreamSettings,
): BegunStream {
  const { events, rowBytesMax, chunkBytes, retry, onJoin, order } = streaming;
  const { changefeed, slot, publication, signalTable, viaPartitionRoot: viaRoot } = plan.options;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const source = new PostgresSource({
    settings,
    side,
    slot,
    publication,
    database: settings.database,
    frameBytesMax: rowBytesMax,
    selects: (lineage) => selects(plan, lineage),
    recheck: async (session, position) => {
      const connections = { side: session.client, openReplication: () => openSession({ settings, kind: 'replication', warn }) };
      await recheck(connections, binding, position);
    },
    watch: (session) => {
      const watch = new SourceWatch(session.client, plan, binding.publicationOid!, events, onJoin);
      return () => watch.check();
    },
    watchMs: WATCH_MS,
    retry,
    signals: signalTable === null ? null : new SignalTable({ name: signalTable, order, events }),
    versions,
    events,
  });
  const names = { changefeed, slot, publication, viaRoot };
  const parts = { settings, ...names, patterns: plan.patterns, versions, stream: source, chunkBytes, lineBytesMax: rowBytesMax, events };
  return { source, readTable: (request) => openTableRead(parts, request) };
}

/** What the patterns say of a relation, else of what it is a partition of. */
function selects(plan: StartPlan, lineage: readonly QualifiedName[]): boolean | null {
  for (const { schema, table } of lineage) {
    const decision = decideName(plan.patterns, schema, table);
    if (decision !== null) return decision;
  }
  return null;
}
