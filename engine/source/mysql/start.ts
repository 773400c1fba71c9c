import { MillraceError } from '../../base/errors.ts';
import { FIRST_OFFSET } from './binlog/event-layout.ts';
import type { Session } from './connection.ts';
import { MariadbGtidPosition } from './gtid.ts';
import { MysqlGtidSet } from './gtid-set.ts';
import { readGtidsAt, readLogEnd, readLogFiles, type LogFile, type ServerIdentity } from './identity.ts';
import type { LogScan } from './log-scan.ts';
import type { StartOption } from './start-option.ts';
import type { LogPosition } from './trail.ts';

/** The log may move on to another file between two questions. */
const ATTEMPTS = 5;

export interface StartRequest {
  readonly side: Session;
  readonly server: ServerIdentity;
  /** `MILLRACE_START_POSITION`. */
  readonly option: StartOption;
  /** Reads the log itself, for what the server cannot be asked. */
  readonly scan: LogScan;
}

/**
 * The position that a changefeed without a checkpoint starts at, GTIDs and place together where both can be known.
 * @throws MillraceError `START_POSITION_INVALID`, `GTID_UNKNOWN`, `BINLOG_PURGED`, `BINLOG_OFF`, `BINLOG_PRIVILEGE`
 */
export async function findStart(request: StartRequest): Promise<LogPosition> {
  const { side, server, option } = request;
  switch (option.kind) {
    case 'newest':
      return await newest(side, server);
    case 'oldest':
      return await oldest(request);
    case 'gtid':
      return behind(server, option.gtid);
    case 'place':
      return await at(request, option.file, option.offset);
    case 'time':
      return await since(request, option.ms);
  }
}

async function newest(side: Session, server: ServerIdentity): Promise<LogPosition> {
  for (let attempt = 1; ; attempt++) {
    const { file, offset, executed } = await readLogEnd(side, server);
    const gtid = server.flavor === 'mariadb' ? await readGtidsAt(side, file, offset) : executed;
    if (gtid !== null) return { flavor: server.flavor, gtid, file, offset };
    if (attempt === ATTEMPTS) throw invalid(`the server names ${file}:${offset} as the end of its log, and does not know its GTIDs`);
  }
}

async function oldest(request: StartRequest): Promise<LogPosition> {
  const [first] = await readLogFiles(request.side);
  if (first === undefined) throw new MillraceError('BINLOG_OFF', 'The server lists no file of a binary log.');
  return await at(request, first.name, FIRST_OFFSET);
}

/** The place is found by the server. */
function behind(server: ServerIdentity, gtid: string): LogPosition {
  const { flavor } = server;
  try {
    const normal = flavor === 'mariadb' ? MariadbGtidPosition.parse(gtid) : MysqlGtidSet.parse(gtid);
    return { flavor, gtid: normal.toString(), file: '', offset: 0 };
  } catch {
    throw invalid(`${gtid} is no GTID of this server, ${server.version}`);
  }
}

async function at({ side, server, scan }: StartRequest, file: string, offset: number): Promise<LogPosition> {
  const { flavor, gtidMode } = server;
  const found = await fileNamed(side, file, offset);
  if (flavor === 'mysql') return { flavor, gtid: gtidMode === 'ON' ? await scan.gtidsAt(found.name, offset) : '', file, offset };
  const gtid = await readGtidsAt(side, file, offset);
  if (gtid === null) throw invalid(`no transaction of ${file} ends at ${offset}`);
  return { flavor, gtid, file, offset };
}

async function fileNamed(side: Session, file: string, offset: number): Promise<LogFile> {
  const files = await readLogFiles(side);
  const found = files.find(({ name }) => name === file);
  if (found === undefined) {
    throw invalid(`the server has no file ${file}: its log begins with ${files[0]?.name} and ends with ${files.at(-1)?.name}`);
  }
  if (offset > found.bytes) throw invalid(`${file} ends at ${found.bytes}`);
  return found;
}

/** From the first transaction on that was written at this time or later; from the end of the log when there is none. */
async function since(request: StartRequest, ms: number): Promise<LogPosition> {
  const { side, server, scan } = request;
  const files = await readLogFiles(side);
  const place = await scan.placeSince(files, ms);
  if (place === 'before') {
    const message = `The log of the server begins with ${files[0]?.name}, which was begun after ${new Date(ms).toISOString()}: what came between is gone.`;
    throw new MillraceError('BINLOG_PURGED', message, { file: files[0]?.name ?? null });
  }
  return place === 'after' ? await newest(side, server) : await at(request, place.file, place.offset);
}

function invalid(why: string): MillraceError {
  return new MillraceError('START_POSITION_INVALID', `MILLRACE_START_POSITION cannot be used: ${why}.`);
}
