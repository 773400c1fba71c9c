import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '../../base/errors.ts';
import type { BinlogBinding } from '../../change/source-binding.ts';
import { raiseProblems, type Problem, type Warning } from '../problems.ts';
import { parseTablePatterns, type TablePattern } from '../tables.ts';
import { OFFSET_MAX } from './binlog/far-place.ts';
import type { Session } from './connection.ts';
import { judgePrivileges, readPrivileges, type GlobalPrivileges } from './grants.ts';
import { readGtidsAt, readLogEnd, readLogFiles, readReplicas, readServerIdentity, type LogFile, type ServerIdentity } from './identity.ts';
import { readTables, selectTables, type Selection } from './selection.ts';
import { databaseWarnings, judgeServerId, judgeSettings, judgeVersion, settingsWarnings } from './server-judgement.ts';
import { judgePosition, type LogFacts } from './start-position.ts';
import type { LogPosition } from './trail.ts';

export interface InspectionOptions {
  /** `MILLRACE_TABLES`, one entry each. */
  readonly tables: readonly string[];
  /** For names of tables without one; null when there is none. */
  readonly database: string | null;
  readonly serverId: number;
  /** How long to wait for an earlier stream of the same `server_id` to be noticed as gone. */
  readonly patienceMs: number;
}

/** How often it is looked whether it is gone. */
const PATIENCE_LOOK_MS = 200;

/** A position and the server that it is one of, as a checkpoint has them. */
export interface StoredPosition {
  readonly position: LogPosition;
  readonly origin: BinlogBinding;
}

/** What a start of the stream depends on, as it was found. */
export interface Inspection {
  readonly server: ServerIdentity;
  readonly patterns: readonly TablePattern[];
  readonly selection: Selection;
  readonly privileges: GlobalPrivileges;
  /** Replicas that have registered, by `server_id`; null where the account may not see them, or was not asked. */
  readonly replicas: ReadonlyMap<number, string> | null;
  /** Everything that stands in the way. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Looks at everything that a start depends on and changes nothing: server, privileges, settings, tables, position.
 * @param stored what the checkpoint holds; null without one
 * @throws MillraceError errors of the connection as they are, and `TABLES_SYNTAX`
 */
export async function inspectStart(side: Session, options: InspectionOptions, stored: StoredPosition | null): Promise<Inspection> {
  const patterns = parseTablePatterns(options.tables, options.database);
  const server = await readServerIdentity(side);
  const unusable = judgeVersion(server);
  const nothing = { selection: { tables: [], problems: [] }, privileges: null, replicas: null };
  if (unusable.length > 0) return { server, patterns, ...nothing, problems: unusable, warnings: [] };
  const selection = selectTables(patterns, await readTables(side), server);
  const privileges = await readPrivileges(side);
  const refused = judgePrivileges(privileges, server);
  const found = { server, patterns, selection, privileges, warnings: settingsWarnings(server) };
  const before = [...refused, ...judgeSettings(server)];
  // A server without a log, or that does not show it, has no more to tell of it.
  if (refused.length > 0 || !server.hasBinlog) return { ...found, replicas: null, problems: [...before, ...selection.problems] };
  const { problems: ofId, replicas } = await judgeId(side, server, options);
  const warnings = [...found.warnings, ...databaseWarnings(await readLogEnd(side, server), selection.tables)];
  const ofPosition = stored === null ? [] : await judgeStored(side, server, stored);
  return { ...found, warnings, replicas, problems: [...before, ...ofId, ...ofPosition, ...selection.problems] };
}

/** A server notices the end of a stream that was cut off when it next sends something, a heartbeat at the latest. */
async function judgeId(
  side: Session,
  server: ServerIdentity,
  { serverId, patienceMs }: InspectionOptions,
): Promise<Pick<Inspection, 'problems' | 'replicas'>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const replicas = await readReplicas(side, server);
    const problems = judgeServerId(server, serverId, replicas);
    if (problems.length === 0 || server.serverId === serverId || performance.now() >= deadline) return { problems, replicas };
    await delay(PATIENCE_LOOK_MS);
  }
}

/** Whether a position is one of this server, and still in its log. */
export async function judgeStored(side: Session, server: ServerIdentity, { position, origin }: StoredPosition): Promise<Problem[]> {
  const files = await readLogFiles(side);
  return judgePosition(position, origin, { server, files, gtidsAtPlace: await gtidsAt(side, server, files, position) });
}

/** Asked of a file that is there alone: of others the server knows nothing, and of none beyond its first 4 GB. */
async function gtidsAt(
  side: Session,
  { flavor }: ServerIdentity,
  files: readonly LogFile[],
  { file, offset }: LogPosition,
): Promise<LogFacts['gtidsAtPlace']> {
  const isThere = offset <= OFFSET_MAX && files.some(({ name, bytes }) => name === file && bytes >= offset);
  return flavor === 'mariadb' && isThere ? await readGtidsAt(side, file, offset) : undefined;
}

/**
 * Looks after a reconnect whether the stream may go on: behind the same address may now stand another server, or one that was restored or
 * reset.
 * @throws MillraceError `SERVER_SWITCHED`, and what a start finds wrong with the position
 */
export async function recheck(side: Session, before: ServerIdentity, position: LogPosition): Promise<ServerIdentity> {
  const server = await requireSameServer(side, before);
  const origin = originOf(server);
  raiseProblems([...judgeSettings(server), ...(await judgeStored(side, server, { position, origin }))]);
  return server;
}

/**
 * Looks which server answers on a connection.
 * @throws MillraceError `SERVER_SWITCHED` when it is another one than before
 */
export async function requireSameServer(session: Session, before: ServerIdentity): Promise<ServerIdentity> {
  const server = await readServerIdentity(session);
  if (server.serverId === before.serverId && server.serverUuid === before.serverUuid && server.flavor === before.flavor) return server;
  const message =
    `Another server answers than before, with the server_id ${server.serverId} in place of ${before.serverId}: ` +
    'the capture goes on from its checkpoint.';
  throw new MillraceError('SERVER_SWITCHED', message, { server_id: server.serverId });
}

/** What recognises a server again. */
export function originOf({ flavor, serverUuid, serverId }: ServerIdentity): BinlogBinding {
  return { kind: 'binlog', flavor, serverUuid: serverUuid === '' ? null : serverUuid, serverId };
}
