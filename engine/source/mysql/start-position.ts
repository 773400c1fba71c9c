import type { BinlogBinding } from '../../change/source-binding.ts';
import { shell, words, type Remedy } from '../../base/remedy.ts';
import { problem, type Problem } from '../problems.ts';
import { parseGtids, type MariadbGtidPosition } from './gtid.ts';
import { MysqlGtidSet } from './gtid-set.ts';
import type { LogFile, ServerIdentity } from './identity.ts';
import { fileNumberOf, parseGtidState, type LogPosition } from './trail.ts';

export interface LogFacts {
  readonly server: ServerIdentity;
  readonly files: readonly LogFile[];
  /** MariaDB: the GTID position at the place, by the server; null where it knows no such place, undefined where it was not asked. */
  readonly gtidsAtPlace: string | null | undefined;
}

const RESET = [words('point MILLRACE_SOURCE_URL at the right server, or start anew:'), shell('millrace position reset')];

/**
 * Whether a position is one of this server, and still in its log. A server gives no error for what it does not have yet: it waits, or
 * sends what follows as if nothing were missing.
 *
 *   other server, position without GTIDs              SYSTEM_CHANGED
 *   GTIDs that the server never wrote                  GTID_UNKNOWN
 *   the same server, whose files do not fit            BINLOG_RESET
 *   file, or transactions behind the GTIDs, are gone   BINLOG_PURGED
 *   offset beyond the file's end                       POSITION_BEYOND_END
 */
export function judgePosition(position: LogPosition, origin: BinlogBinding, facts: LogFacts): Problem[] {
  const { server } = facts;
  if (position.flavor !== server.flavor) return [changed(`it is one of ${nameOfFlavor(position.flavor)}, and this is ${server.version}`)];
  const state = parseGtidState(position);
  if (state.isEmpty)
    return isSameServer(origin, server) ? judgePlace(position, facts) : [changed('it goes by file and offset, of another server')];
  const byGtid = state instanceof MysqlGtidSet ? judgeSet(state, server) : judgeDomains(state, server);
  if (byGtid.length > 0 || !isSameServer(origin, server)) return byGtid;
  return server.flavor === 'mariadb' ? judgeHistory(position, state as MariadbGtidPosition, facts) : [];
}

/** Whether a position is one of this server, whose files its place names. */
export function isSameServer({ serverUuid, serverId }: BinlogBinding, server: ServerIdentity): boolean {
  return (serverUuid === null || serverUuid === server.serverUuid) && (serverId === null || serverId === server.serverId);
}

/** MySQL. */
function judgeSet(stored: MysqlGtidSet, server: ServerIdentity): Problem[] {
  if (server.gtidMode !== 'ON') {
    const message = `The position is one of GTIDs, and gtid_mode of the server is ${server.gtidMode}.`;
    return [
      problem('GTID_MODE', message, { gtid_mode: server.gtidMode }, [words('turn gtid_mode ON again, or start anew:'), ...RESET.slice(1)]),
    ];
  }
  const unknown = stored.minus(MysqlGtidSet.parse(server.gtidState));
  if (!unknown.isEmpty) return [unknownGtids(unknown.toString(), server)];
  const lost = MysqlGtidSet.parse(server.gtidPurged).minus(stored);
  return lost.isEmpty ? [] : [purged(`transactions that were not exported are gone from its log: ${lost.toString()}`)];
}

/** MariaDB: a domain's numbers grow, whichever server writes. */
function judgeDomains(stored: MariadbGtidPosition, { gtidState, ...server }: ServerIdentity): Problem[] {
  const written = parseGtids(gtidState);
  const unknown = stored.gtids.filter(
    ({ domain, sequence }) => !written.some((gtid) => gtid.domain === domain && gtid.sequence >= sequence),
  );
  if (unknown.length === 0) return [];
  const names = unknown.map(({ domain, serverId, sequence }) => `${domain}-${serverId}-${sequence}`).join(',');
  return [unknownGtids(names, { ...server, gtidState })];
}

/** MariaDB, the same server: numbers begin anew after RESET MASTER, and come by those of the position again. */
function judgeHistory({ file, offset }: LogPosition, stored: MariadbGtidPosition, { files, gtidsAtPlace }: LogFacts): Problem[] {
  const found = files.find(({ name }) => name === file);
  if (found === undefined) return fileNumberOf(file) > newestNumber(files) ? [wasReset(`it has no file ${file}, and none after it`)] : [];
  if (found.bytes < offset) return [wasReset(`its file ${file} ends at ${found.bytes}, before the ${offset} of the position`)];
  if (gtidsAtPlace === undefined) return [];
  if (gtidsAtPlace === null) return [wasReset(`no transaction of its file ${file} ends at ${offset}`)];
  const isBefore = parseGtids(gtidsAtPlace).every(({ domain, sequence }) => sequence <= (stored.of(domain)?.sequence ?? -1n));
  return isBefore ? [] : [wasReset(`at ${file}:${offset} it stood at ${gtidsAtPlace} and not at ${stored.toString()}`)];
}

/** Without GTIDs. */
function judgePlace({ file, offset }: LogPosition, { files }: LogFacts): Problem[] {
  const found = files.find(({ name }) => name === file);
  if (found !== undefined && found.bytes >= offset) return [];
  if (found !== undefined) {
    const message = `The position ${file}:${offset} lies beyond the end of that file, ${found.bytes}.`;
    return [problem('POSITION_BEYOND_END', message, { file, offset }, RESET)];
  }
  if (fileNumberOf(file) > newestNumber(files)) return [wasReset(`it has no file ${file}, and none after it`)];
  return [purged(`its log begins with ${files[0]?.name ?? 'no file'}, after ${file}`)];
}

function newestNumber(files: readonly LogFile[]): number {
  return fileNumberOf(files.at(-1)?.name ?? '');
}

function nameOfFlavor(flavor: LogPosition['flavor']): string {
  return flavor === 'mariadb' ? 'MariaDB' : 'MySQL';
}

function unknownGtids(gtids: string, { gtidState }: ServerIdentity): Problem {
  const message = `The server never wrote ${gtids}, up to which the position has been read; what it wrote is ${gtidState === '' ? 'nothing' : gtidState}.`;
  return problem('GTID_UNKNOWN', message, { gtid: gtids }, RESET);
}

function wasReset(why: string): Problem {
  return problem('BINLOG_RESET', `The log of the server is not the one that the position belongs to: ${why}.`, {}, RESET);
}

function purged(why: string): Problem {
  const remedies: Remedy[] = [
    shell('millrace position reset'),
    words('and keep the log longer than a stop may last: binlog_expire_logs_seconds'),
  ];
  return problem('BINLOG_PURGED', `The server no longer has what the position needs: ${why}.`, {}, remedies);
}

function changed(why: string): Problem {
  return problem('SYSTEM_CHANGED', `The position means nothing to this server: ${why}.`, {}, RESET);
}
