import type { BinlogBinding, BinlogStart } from '../../change/source-binding.ts';
import type { OpenedSource, SourceEvents, StreamedTable, StreamSettings } from '../source.ts';
import { raiseProblems } from '../problems.ts';
import { TableVersions } from '../versions.ts';
import { RAW_TYPES } from './binlog/ambiguity.ts';
import { readCatalogColumns } from './catalog.ts';
import { CatalogueTypes } from './catalogue-types.ts';
import { BinlogParser } from './binlog/parser.ts';
import { nameOf, openSession, type Session } from './connection.ts';
import { inspectStart, judgeStored, originOf, recheck, type Inspection, type StoredPosition } from './inspection.ts';
import { logPositionIn, positionOf } from './log-position.ts';
import { logReading } from './log-reading.ts';
import { readLogEnd, type ServerIdentity } from './identity.ts';
import { LogScan } from './log-scan.ts';
import { displayName, readKeyed, selects, type CatalogTable } from './selection.ts';
import { MysqlSource } from './source.ts';
import { findStart } from './start.ts';
import { isSameServer } from './start-position.ts';
import type { StartOption } from './start-option.ts';
import { scanStatements } from './statement-scan.ts';
import { fileNumberOf, type LogPosition } from './trail.ts';
import { parseConnectionUrl, type ConnectionSettings } from './url.ts';

export interface OpenOptions {
  readonly url: string;
  /** File of the password; null where it was given otherwise. */
  readonly secretFile: string | null;
  /** To connect and log in, and how long the stream may be silent; null: what the URL says. */
  readonly timeoutMs: number | null;
  /** `MILLRACE_TABLES`, one entry each. */
  readonly tables: readonly string[];
  readonly serverId: number;
  /** The replica's name in the server's list. */
  readonly replicaName: string;
  /** As `MysqlSourceOptions.exactPlaces`. */
  readonly exactPlaces: boolean;
  /** `MILLRACE_START_POSITION`. */
  readonly startPosition: StartOption;
  /** Zone in which TIMESTAMP is written. */
  readonly zone: string;
  /** `MILLRACE_AMBIGUOUS_TYPES`: what becomes of columns that neither the log nor the catalogue tells. */
  readonly ambiguousTypes: 'error' | 'raw';
  /** Where large transactions that are not decided yet are kept. */
  readonly spillDirectory: string;
  /** Largest event. */
  readonly eventBytesMax: number;
}

export interface OpenHooks {
  readonly events: SourceEvents;
  /** Sees the selected tables before anything begins; rejects when they cannot be exported together. */
  readonly accept: (tables: readonly StreamedTable[]) => Promise<void>;
  /** Makes a start durable, before the stream begins there. */
  readonly save: (start: BinlogStart) => Promise<void>;
  /** The number of the version of a table with this content, the same over restarts. */
  readonly schemaVersionOf: (content: string) => number;
}

/** Of a position that was given, and not reached on a server. */
const ANY_SERVER: BinlogBinding = { kind: 'binlog', flavor: null, serverUuid: null, serverId: null };

/** Transactions that are not decided yet take so much of memory; larger ones go to a file. */
const HELD_BYTES = 32 * 1024 * 1024;

/**
 * Connects and looks at everything that the stream needs.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError of the connection's and the preflight's codes
 */
export async function openMysql(options: OpenOptions, stored: BinlogStart | null, hooks: OpenHooks): Promise<OpenedSource> {
  const { settings: given, warnings } = parseConnectionUrl(options.url);
  const settings = { ...given, secretFile: options.secretFile, timeoutMs: options.timeoutMs ?? given.timeoutMs };
  warnings.forEach((message) => hooks.events.warn('SOURCE_CONNECTION', message));
  const side = await openSession(settings);
  try {
    const position = stored?.position ?? null;
    const { database } = settings;
    const { tables, serverId } = options;
    const before = position === null ? null : { position: logPositionIn(position), origin: stored!.source };
    const found = await inspectStart(side, { tables, database, serverId, patienceMs: settings.timeoutMs }, before);
    for (const { message } of found.warnings) hooks.events.warn('PREFLIGHT', message);
    raiseProblems(found.problems);
    await hooks.accept(await streamedTables(side, found.selection.tables));
    const start = before === null ? await findStartOf(settings, side, found, options) : startOn(found.server, before);
    const binding = originOf(found.server);
    if (before === null) await hooks.save({ position: positionOf(start), source: binding });
    return {
      instance: database === null ? nameOf(side.server) : `${nameOf(side.server)}/${database}`,
      version: found.server.version,
      tables: found.selection.tables.map(displayName),
      binding,
      snapshot: null,
      joining: [],
      stream: {
        position: positionOf(start),
        isNew: before === null,
        begin: (stream) => ({ source: sourceOver(settings, side, found, options, stream, hooks), readTable: null }),
      },
      close: async () => await side.close(),
    };
  } catch (error) {
    await side.close();
    throw error;
  }
}

/** Where a stored position lies on this server: the place in the files of another one says nothing here, its GTIDs do. */
function startOn(server: ServerIdentity, { position, origin }: StoredPosition): LogPosition {
  return isSameServer(origin, server) ? position : { ...position, file: '', offset: 0 };
}

/** How a changefeed is called in the server's list of replicas. */
export function replicaNameOf(changefeed: string): string {
  return `millrace ${changefeed}`;
}

/** Tables as messages name them. */
export async function streamedTables(side: Session, tables: readonly CatalogTable[]): Promise<StreamedTable[]> {
  const keyed = await readKeyed(side, tables);
  return tables.map((each) => ({
    database: each.database,
    schema: each.database,
    table: each.table,
    isKeyed: keyed.has(displayName(each)),
  }));
}

async function findStartOf(
  settings: ConnectionSettings,
  side: Session,
  { server }: Inspection,
  { startPosition: option, eventBytesMax }: OpenOptions,
): Promise<LogPosition> {
  const reading = logReading({ settings, flavor: server.flavor, heartbeatMs: settings.timeoutMs / 2 }, eventBytesMax);
  const start = await findStart({ side, server, option, scan: new LogScan(reading) });
  // GTIDs are what was given: nobody has looked yet whether the server has them.
  if (option.kind === 'gtid') raiseProblems(await judgeStored(side, server, { position: start, origin: ANY_SERVER }));
  return start;
}

/** The source over what was opened; it closes `side`. */
function sourceOver(
  settings: ConnectionSettings,
  side: Session,
  { server, patterns }: Inspection,
  { serverId, replicaName, exactPlaces, zone, ambiguousTypes, spillDirectory }: OpenOptions,
  { events, rowBytesMax, retry }: StreamSettings,
  { schemaVersionOf }: OpenHooks,
): MysqlSource {
  const versions = new TableVersions(schemaVersionOf);
  const ambiguous =
    ambiguousTypes === 'raw' || server.flavor === 'mysql' ? RAW_TYPES : catalogueOf(settings, server, rowBytesMax, () => source.resume());
  const source = new MysqlSource({
    settings,
    side,
    server,
    serverId,
    replicaName,
    exactPlaces,
    eventBytesMax: rowBytesMax,
    openParser: (sink, passed) =>
      new BinlogParser({
        sink,
        flavor: server.flavor,
        versions,
        zone,
        ambiguous,
        isSelected: (database, table) => selects(patterns, database, table),
        events,
        spillDirectory,
        heldBytesMax: HELD_BYTES,
        eventBytesMax: rowBytesMax,
        passed,
      }),
    recheck: async (session, position) => await recheck(session, server, position),
    retry,
    events,
  });
  return source;
}

/** Asks the catalogue on a connection of its own each time: that is seldom. */
function catalogueOf(settings: ConnectionSettings, server: ServerIdentity, eventBytesMax: number, onReady: () => void): CatalogueTypes {
  const reading = logReading({ settings, flavor: server.flavor, heartbeatMs: settings.timeoutMs / 2 }, eventBytesMax);
  return new CatalogueTypes({
    read: async (database, table) => {
      const session = await openSession(settings);
      try {
        const columns = await readCatalogColumns(session, database, table);
        const { file, offset } = await readLogEnd(session, server);
        return { columns, at: { file, fileNumber: fileNumberOf(file), offset } };
      } finally {
        await session.close();
      }
    },
    statements: async (from, to) => await scanStatements(reading, from, to, eventBytesMax),
    onReady,
  });
}
