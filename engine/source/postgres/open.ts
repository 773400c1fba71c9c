import type { SourceBinding, StoredStart } from '../../change/source-binding.ts';
import type { Position } from '../../change/position.ts';
import { openSession, type Session } from './connection.ts';
import type { QualifiedName } from './catalog-queries.ts';
import { PostgresSource } from './source.ts';
import { decideName } from './tables.ts';
import { SourceWatch } from './watch.ts';
import { preflight, type PreflightOptions, type StartPlan } from './preflight.ts';
import { recheck } from './recheck.ts';
import { beginStart } from './start.ts';
import { parseConnectionUrl, type ConnectionSettings, type Environment } from './url.ts';
import type { SourceEvents } from '../source.ts';

export interface OpenOptions extends PreflightOptions {
  readonly url: string;
  readonly environment: Environment;
}

/** A database that is ready to be streamed from. */
export interface OpenedPostgres {
  readonly settings: ConnectionSettings;
  /** Ordinary session for the catalogue and for health. */
  readonly side: Session;
  readonly plan: StartPlan;
  readonly position: Position;
  readonly binding: SourceBinding;
  /** The slot was created by this start. */
  readonly isNew: boolean;
}

/** A table under the name that its rows will have in the stream. */
export interface StreamedTable extends QualifiedName {
  /** It has a primary key or a replica identity index. */
  readonly isKeyed: boolean;
}

export interface OpenHooks {
  readonly events: SourceEvents;
  /** Sees the selected tables before anything is created; rejects when they cannot be exported together. */
  readonly accept: (database: string, tables: readonly StreamedTable[]) => Promise<void>;
  /** Makes an intent or a start durable, before the step that depends on it. */
  readonly save: (start: StoredStart) => Promise<void>;
}

/** How often the side connection looks at what the stream does not tell of. */
const WATCH_MS = 10_000;
/** How long the creation of a slot may wait before the log says for whom, and how often again. */
const PATIENCE_MS = 5000;

/**
 * Connects, looks at everything, and brings publication and slot into the state that the stream needs.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError of the connection's and the preflight's codes
 */
export async function openPostgres(
  options: OpenOptions,
  stored: StoredStart | null,
  { events, accept, save }: OpenHooks,
): Promise<OpenedPostgres> {
  const { settings, warnings } = parseConnectionUrl(options.url, options.environment);
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
  warnings.forEach(warn);
  const side = await openSession({ settings, kind: 'query', warn });
  try {
    const connections = { side: side.client, openReplication: () => openSession({ settings, kind: 'replication', warn }) };
    const plan = await preflight(connections, options, stored);
    for (const warning of plan.warnings) events.warn('PREFLIGHT', warning);
    await accept(settings.database, streamedTables(plan));
    const start = await beginStart(connections, plan, { events, save, patienceMs: PATIENCE_MS });
    return { settings, side, plan, position: start.position, binding: start.source, isNew: start.isNew };
  } catch (error) {
    await side.close();
    throw error;
  }
}

/** With MILLRACE_PARTITION_ROOT=false the partitions are the tables of the stream. */
function streamedTables({ tables, options }: StartPlan): StreamedTable[] {
  const relations = options.viaPartitionRoot ? tables.map(({ relation }) => relation) : tables.flatMap(({ leaves }) => leaves);
  return relations.map(({ schema, table, identity, hasIdentityIndex }) => ({
    schema,
    table,
    // Of an identity index that is gone nothing is asked here: the primary key then counts, if there is one.
    isKeyed: hasIdentityIndex || identity === 'i',
  }));
}

/**
 * The source over what `openPostgres` opened; it closes `opened.side`.
 * @param frameBytesMax the largest row in the stream's form
 * @param schemaVersionOf the number of the version of a table with this content, the same over restarts
 */
export function sourceOver(
  opened: OpenedPostgres,
  events: SourceEvents,
  frameBytesMax: number,
  schemaVersionOf: (content: string) => number,
): PostgresSource {
  const { settings, side, plan, binding } = opened;
  const warn = (message: string) => events.warn('SOURCE_CONNECTION', message);
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
      const watch = new SourceWatch(session.client, plan, binding.publicationOid!, events);
      return () => watch.check();
    },
    watchMs: WATCH_MS,
    schemaVersionOf,
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
