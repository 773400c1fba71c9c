import { MillraceError } from '../../base/errors.ts';
import { CHECKSUM_BYTES, EventFlag, EventType, FIRST_OFFSET, HEADER_BYTES, HeaderAt, u16le, u32le } from './binlog/event-layout.ts';
import { Fields } from './binlog/fields.ts';
import { readFormat } from './binlog/format-description.ts';
import { parseMysqlGtid } from './binlog/gtid-event.ts';
import { LogPlace } from './binlog/log-place.ts';
import { MysqlGtidSet } from './gtid-set.ts';
import { fileNumberOf } from './trail.ts';
import type { LogFile } from './identity.ts';

/** Reads a file of the log, and those after it, from the first event on. */
export interface LogReading {
  /** Gives each event, checksum included, to `take` until that returns false or the log ends; of one that comes in parts the header. */
  read(file: string, take: (bytes: Uint8Array, start: number, end: number) => boolean): Promise<void>;
}

export interface LogPlaceFound {
  readonly file: string;
  readonly offset: number;
}

/** An event of the log, valid during the call that gives it. */
interface ScannedEvent {
  readonly type: number;
  readonly place: LogPlace;
  readonly seconds: number;
  /** Without the checksum; empty of an event that comes in parts. */
  readonly body: Fields;
}

const BEGINS: ReadonlySet<number> = new Set([EventType.mariadbGtid, EventType.gtid, EventType.anonymousGtid, EventType.gtidTagged]);
/** What comes between transactions. */
const BETWEEN: ReadonlySet<number> = new Set([...BEGINS, EventType.previousGtids, EventType.rotate, EventType.stop, EventType.heartbeat]);

/** Finds in the log itself what the server cannot be asked. */
export class LogScan {
  private readonly log: LogReading;

  constructor(log: LogReading) {
    this.log = log;
  }

  /**
   * MySQL: all transactions before a place: what the file's beginning says, and what comes up to there.
   * @throws MillraceError `START_POSITION_INVALID` for a place within a transaction
   */
  async gtidsAt(file: string, offset: number): Promise<string> {
    let set = MysqlGtidSet.EMPTY;
    let isBetween = true;
    await scanEvents(this.log, file, ({ type, place, body }) => {
      if (place.file !== file) return false;
      if (type === EventType.previousGtids) set = set.union(MysqlGtidSet.decode(body.slice(body.left)));
      if (type === EventType.formatDescription || type === EventType.previousGtids) return true;
      if (place.start >= offset) {
        isBetween = BETWEEN.has(type) && (place.start === offset || offset === FIRST_OFFSET);
        return false;
      }
      const { gtid } = type === EventType.gtid ? parseMysqlGtid(body, false) : { gtid: null };
      if (gtid?.flavor === 'mysql') set = set.with(gtid.uuid, gtid.number, gtid.number);
      return true;
    });
    if (isBetween) return set.toString();
    const message = `MILLRACE_START_POSITION cannot be used: no transaction of ${file} ends at ${offset}.`;
    throw new MillraceError('START_POSITION_INVALID', message, { file, offset });
  }

  /**
   * Where the first transaction begins that was written at this time or later: `before` the first of the files, of which there were earlier
   * ones, or `after` all of them.
   */
  async placeSince(files: readonly LogFile[], ms: number): Promise<LogPlaceFound | 'before' | 'after'> {
    const seconds = Math.floor(ms / 1000);
    const index = await this.lastBegunBy(files, seconds);
    if (index < 0) return fileNumberOf(files[0]!.name) > 1 ? 'before' : { file: files[0]!.name, offset: FIRST_OFFSET };
    let found: LogPlaceFound | 'after' = 'after';
    await scanEvents(this.log, files[index]!.name, (event) => {
      if (!BEGINS.has(event.type) || event.seconds < seconds) return true;
      found = { file: event.place.file, offset: event.place.start };
      return false;
    });
    return found;
  }

  /** Index of the last file that was begun at this time or before; -1 when there is none. */
  private async lastBegunBy(files: readonly LogFile[], seconds: number): Promise<number> {
    let low = 0;
    let high = files.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.beginOf(files[middle]!.name)) <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** When a file was begun, seconds since 1970. */
  private async beginOf(file: string): Promise<number> {
    let begin = 0;
    await scanEvents(this.log, file, ({ type, seconds }) => {
      begin = seconds;
      return type !== EventType.formatDescription;
    });
    return begin;
  }
}

/** Gives the events of a file and of those after it, those alone that lie in files, to `take` until that returns false. */
export async function scanEvents(log: LogReading, file: string, take: (event: ScannedEvent) => boolean): Promise<void> {
  const place = new LogPlace();
  place.moveTo(file, FIRST_OFFSET);
  // As the stream, a scan asks for checksums; what is in a file has them where it says so.
  let hasChecksum = true;
  await log.read(file, (bytes, start, end) => {
    const type = bytes[start + HeaderAt.type]!;
    const bodyStart = start + HEADER_BYTES;
    if (type === EventType.formatDescription) hasChecksum = readFormat(new Fields(bytes, bodyStart, end, 'the format')).hasChecksum;
    const body = new Fields(bytes, bodyStart, Math.max(bodyStart, end - (hasChecksum ? CHECKSUM_BYTES : 0)), 'an event of the log');
    const isArtificial = (u16le(bytes, start + HeaderAt.flags) & EventFlag.artificial) !== 0;
    if (type === EventType.rotate && isArtificial) {
      const offset = Number(body.u64());
      place.moveTo(body.text(body.left), offset);
    }
    if (isArtificial || type === EventType.heartbeat || type === EventType.heartbeatV2) return true;
    place.take(u32le(bytes, start + HeaderAt.length), u32le(bytes, start + HeaderAt.nextOffset));
    return take({ type, place, seconds: u32le(bytes, start + HeaderAt.time), body });
  });
}
