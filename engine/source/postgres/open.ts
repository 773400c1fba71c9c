import type { SourceBinding, StoredStart } from '../../change/source-binding.ts';
import type { Position } from '../../change/position.ts';
import { openSession, type Session } from './connection.ts';
import type { QualifiedName } from './catalog-queries.ts';
import { openTableRead, type TableReadParts, type TableReadRequest } from './beside/open-read.ts';
import { openKeeper, type Keeper } from './copy/keeper.ts';
import type { PostgresSnapshot } from './copy/snapshot.ts';
import { openSnapshot, type SnapshotRequest } from './open-snapshot.ts';
import type { PostgresSourceOptions } from './options.ts';
import { PostgresSource } from './source.ts';
import { SignalTable, type SignalOptions } from './signals.ts';
import { decideName } from './tables.ts';
import { displayName } from './relations.ts';
import { SourceWatch } from './watch.ts';
import type { PreflightOptions } from './inspection.ts';
import { preflight, type StartPlan } from './preflight.ts';
import { recheck } from './recheck.ts';
import type { SelectedTable } from './selection.ts';
import { beginStart } from './start.ts';
import { planTables } from './tables-preflight.ts';
import { parseConnectionUrl, type ConnectionSettings, type Environment } from './url.ts';
import { TableVersions } from './versions.ts';
import type { SourceEvents, TableReadSource } from '../source.ts';

export interface OpenOptions extends PreflightOptions {
  readonly url: string;
  /** File of the password; null where it was given otherwise. */
  readonly secretFile: string | null;
  readonly environment: Environment;
  /** Null when changes alone are exported. */
  readonly snapshot: SnapshotRequest | null;
}

/** A database that is ready to be read. */
export interface OpenedPostgres {
  readonly settings: ConnectionSettings;
  /** Ordinary session for the catalogue and for health. */
  readonly side: Session;
  /** As the server writes it. */
  readonly version: string;
  readonly tables: readonly SelectedTable[];
  readonly versions: TableVersions;
  readonly binding: SourceBinding;
  /** What is read before the stream; null when nothing is. */
  readonly snapshot: PostgresSnapshot | null;
  /** Tables whose rows are to be read beside the stream, since they are new to the changefeed: `schema.table`. */
  readonly joining: readonly string[];
  /** Null when no stream follows. */
  readonly stream: OpenedStream | null;
}

export interface OpenedStream {
  readonly plan: StartPlan;
  readonly position: Position;
  /** The slot was created by this start. */
  readonly isNew: boolean;
}

/** A table under the name that its rows will have in messages. */
export interface StreamedTable extends QualifiedName {
  /** It has a primary key or a replica identity index. */
  readonly isKeyed: boolean;
}

export interface OpenHooks {
  readonly events: SourceEvents;
  /** Sees the selected tables before anything is created; rejects when they cannot be exported together. */
  readonly accept: (database: string, tables: readonly StreamedTable[]) => Promise<void>;
  /** Sees the tables that have a stream before the publication is altered: of any other one the changes come no longer. */
  readonly forgetOthers: (tables: readonly SelectedTable[]) => Promise<void>;
  /** Makes an intent or a start durable, before the step that depends on it. */
  readonly save: (start: StoredStart) => Promise<void>;
  /** The number of the version of a table with this content, the same over restarts. */
  readonly schemaVersionOf: (content: string) => number;
}

/** How often the side connection looks at what the stream does not tell of. */
const WATCH_MS = 10_000;
/** How long the creation of a slot may wait before the log says for whom, and how often again. */
const PATIENCE_MS = 5000;

/**
 * Connects, looks at everything, and brings publication and slot into the state that the stream needs; without a stream it looks only.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError of the connection's and the preflight's codes
 */
export async function openPostgres(options: OpenOptions, stored: StoredStart | null, hooks: OpenHooks): Promise<OpenedPostgres> {
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

type Place = Pick<OpenedPostgres, 'settings' | 'side' | 'versions'>;

async function openStream(place: Place, options: OpenOptions, stored: StoredStart | null, hooks: OpenHooks): Promise<OpenedPostgres> {
  const { settings, side, versions } = place;
  const { events, accept, forgetOthers, save } = hooks;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const connections = { side: side.client, openReplication: () => openSession({ settings, kind: 'replication', warn }) };
  const plan = await preflight(connections, options, stored);
  for (const warning of plan.warnings) events.warn('PREFLIGHT', warning);
  const tables = [...plan.tables, ...plan.readOnce];
  await accept(settings.database, namedTables(tables, options.viaPartitionRoot));
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
    const stream = { plan, position: start.position, isNew: start.isNew };
    const binding = snapshot === null ? start.source : { ...start.source, snapshotLsn: snapshot.lsn };
    return {
      ...place,
      version: plan.server.version,
      tables,
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
  stored: StoredStart | null,
  { events, accept }: OpenHooks,
): Promise<OpenedPostgres> {
  const { settings, side, versions } = place;
  const { tables, version, binding, warnings } = await planTables(side.client, options, stored);
  for (const warning of warnings) events.warn('PREFLIGHT', warning);
  await accept(settings.database, namedTables(tables, options.viaPartitionRoot));
  const parts = { settings, tables, viaRoot: options.viaPartitionRoot, slot: options.slot, publication: null, versions, events };
  const snapshot = await openSnapshot(request, parts, null);
  return { ...place, version, tables, binding, snapshot, joining: [], stream: null };
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
export function namedTables(tables: readonly SelectedTable[], viaRoot: boolean): StreamedTable[] {
  const relations = viaRoot ? tables.map(({ relation }) => relation) : tables.flatMap(({ leaves }) => leaves);
  return relations.map(({ schema, table, identity, hasIdentityIndex }) => ({
    schema,
    table,
    // Of an identity index that is gone nothing is asked here: the primary key then counts, if there is one.
    isKeyed: hasIdentityIndex || identity === 'i',
  }));
}

/** What reads tables beside the stream of `source`. */
export function tableReadsOver(
  { settings, versions }: OpenedPostgres,
  { plan }: OpenedStream,
  source: PostgresSource,
  { chunkBytes, lineBytesMax, events }: Pick<TableReadParts, 'chunkBytes' | 'lineBytesMax' | 'events'>,
): (request: TableReadRequest) => Promise<TableReadSource> {
  const { patterns, options } = plan;
  const { changefeed, slot, publication, viaPartitionRoot: viaRoot } = options;
  const names = { changefeed, slot, publication, viaRoot };
  const parts = { settings, ...names, patterns, versions, stream: source, chunkBytes, lineBytesMax, events };
  return (request) => openTableRead(parts, request);
}

export interface SourceSettings extends Pick<PostgresSourceOptions, 'frameBytesMax' | 'retry'>, Pick<SignalOptions, 'order'> {
  /** A table joins the changefeed, and its rows are to be read; null where they are not. */
  readonly onJoin: ((table: string) => void) | null;
}

/**
 * The source over what `openPostgres` opened; it closes `opened.side`.
 */
export function sourceOver(
  opened: OpenedPostgres,
  stream: OpenedStream,
  events: SourceEvents,
  { frameBytesMax, retry, onJoin, order }: SourceSettings,
): PostgresSource {
  const { settings, side, binding, versions } = opened;
  const { plan } = stream;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  const { signalTable } = plan.options;
  return new PostgresSource({
    settings,
    side,
    slot: plan.options.slot,
    publication: plan.options.publication,
    database: settings.database,
    frameBytesMax,
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
}

/** What the patterns say of a relation, else of what it is a partition of. */
function selects(plan: StartPlan, lineage: readonly QualifiedName[]): boolean | null {
  for (const { schema, table } of lineage) {
    const decision = decideName(plan.patterns, schema, table);
    if (decision !== null) return decision;
  }
  return null;
}
