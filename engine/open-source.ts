import { join } from 'node:path';
import { MillraceError } from './base/errors.ts';
import type { BinlogStart, PostgresStart, SourceBinding, StoredStart } from './change/source-binding.ts';
import type { CheckpointBook } from './checkpoint/book.ts';
import { decideMode } from './checkpoint/sync-mode.ts';
import type { BinlogConfig, Config, PostgresConfig, SourceConfig } from './control/config/config.ts';
import type { CaptureStart } from './control/messages.ts';
import { eventsOf, type Hooks } from './opening.ts';
import { openMysql, replicaNameOf } from './source/mysql/open.ts';
import type { PreflightOptions } from './source/postgres/inspection.ts';
import { openPostgres } from './source/postgres/open.ts';
import type { OpenedSource, StreamedTable } from './source/source.ts';

/** What a source is opened with. */
export interface OpenRequest<C extends Config = Config> {
  readonly config: C;
  readonly secrets: CaptureStart['secrets'];
  readonly book: CheckpointBook;
  /** Sees the selected tables before anything is created; rejects when they cannot be exported together. */
  readonly accept: (tables: readonly StreamedTable[]) => Promise<void>;
  /** Largest row. */
  readonly rowBytesMax: number;
  readonly hooks: Hooks;
}

/** How a source of each kind is opened. */
const OPENERS: Readonly<Record<SourceConfig['kind'], (request: OpenRequest) => Promise<OpenedSource>>> = {
  postgres: async (request) => await openPostgresSource(request as OpenRequest<PostgresConfig>),
  binlog: async (request) => await openBinlogSource(request as OpenRequest<BinlogConfig>),
};

/**
 * The database, looked at and ready to be read.
 * @throws MillraceError SOURCE_KIND_CHANGED, SYNC_MODE_CHANGED, and the codes of the source
 */
export async function openSource(request: OpenRequest): Promise<OpenedSource> {
  const { kind } = request.config.source;
  assertSameKind(request.book.stored, kind);
  return await OPENERS[kind](request);
}

/** A checkpoint of one kind of source says nothing to another. */
export function assertSameKind(stored: Pick<StoredStart, 'source'> | null, kind: SourceBinding['kind']): void {
  if (stored === null || stored.source.kind === kind) return;
  const names = { postgres: 'PostgreSQL', binlog: 'MariaDB or MySQL' };
  throw new MillraceError(
    'SOURCE_KIND_CHANGED',
    `The checkpoint is of a changefeed of ${names[stored.source.kind]}, and MILLRACE_SOURCE_URL names ${names[kind]}. Set the URL back, use ` +
      'another MILLRACE_CHANGEFEED, or give up the position with `millrace position reset`.',
    { stored: stored.source.kind, given: kind },
  );
}

/** PostgreSQL with slot and publication as the stream needs them. */
async function openPostgresSource(request: OpenRequest<PostgresConfig>): Promise<OpenedSource> {
  const { config, secrets, book, accept, rowBytesMax, hooks } = request;
  const { source, syncMode } = config;
  const { snapshot, notice } = decideMode(syncMode, book.stored);
  if (notice !== null) hooks.warn('SYNC_MODE', notice);
  if (syncMode === 'INCREMENTAL') book.planSnapshot(snapshot);
  // Known for unfinished before there is a position that a stream could start at.
  else book.planSnapshot(snapshot ?? { mode: syncMode, startedAt: new Date().toISOString(), finishedAt: null, tables: [] });
  const options = {
    url: source.url,
    secretFile: source.passwordFile,
    environment: { ...process.env, ...secrets },
    ...preflightOptions(config),
    snapshot: syncMode === 'INCREMENTAL' ? null : { mode: syncMode, stored: snapshot, ...config.snapshot, lineBytesMax: rowBytesMax },
  };
  return openPostgres(options, postgresStart(book.stored), {
    events: eventsOf(hooks),
    // Before a slot is created that would hold back the log for nothing.
    accept,
    forgetOthers: (tables) =>
      book.forgetOthers(new Set(tables.flatMap(({ relation, leaves }) => [relation, ...leaves].map(({ oid }) => oid)))),
    save: (start) => book.begin(start.position, start.source),
    schemaVersionOf: (content) => book.schemaVersionOf(content),
  });
}

/** MariaDB or MySQL, at the position that the stream begins at. */
async function openBinlogSource(request: OpenRequest<BinlogConfig>): Promise<OpenedSource> {
  const { config, book, accept, rowBytesMax, hooks } = request;
  const { source, syncMode, changefeed } = config;
  book.planSnapshot(decideMode(syncMode, book.stored).snapshot);
  const options = {
    ...source,
    secretFile: source.passwordFile,
    replicaName: replicaNameOf(changefeed),
    exactPlaces: config.format.format === 'maxwell' && config.format.position !== 'none',
    spillDirectory: join(config.stateDir, changefeed),
    eventBytesMax: rowBytesMax,
  };
  return await openMysql(options, book.stored as BinlogStart | null, {
    events: eventsOf(hooks),
    accept,
    save: (start) => book.begin(start.position, start.source),
    schemaVersionOf: (content) => book.schemaVersionOf(content),
  });
}

/** A stored start as PostgreSQL's own, which it is when `assertSameKind` says so. */
export function postgresStart(stored: StoredStart | null): PostgresStart | null {
  return stored as PostgresStart | null;
}

/** What a start looks at in the database, as the configuration asks for it. */
export function preflightOptions({ changefeed, source, syncMode }: PostgresConfig): PreflightOptions {
  return {
    changefeed,
    tables: source.tables,
    slot: source.slot,
    publication: source.publication,
    viaPartitionRoot: source.partitionRoot,
    signalTable: source.signalTable,
    adoptSlot: source.slotAdopt,
    readOnce: syncMode === 'INCREMENTAL' ? null : { mviews: source.mviews },
  };
}
