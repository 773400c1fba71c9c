import { CHECKSUM_BYTES, EventFlag, EventType, HEADER_BYTES, HeaderAt, u16le, u32le } from './binlog/event-layout.ts';
import { Fields } from './binlog/fields.ts';
import { readFormat } from './binlog/format-description.ts';
import { LogPlace } from './binlog/log-place.ts';
import { parseQuery } from './binlog/query-event.ts';
import { readStatement, type Statement } from './binlog/statement.ts';
import type { LogReading } from './log-scan.ts';

/** A place of the log. */
export interface Spot {
  readonly file: string;
  readonly fileNumber: number;
  readonly offset: number;
}

/** A statement of the log. */
export interface LoggedStatement {
  readonly at: Spot;
  readonly sql: string;
  readonly database: string;
  /** `sql` is the beginning of it. */
  readonly isCut: boolean;
}

const FIRST_OFFSET = 4;

/** Statements that change no table: the frame of transactions, and what empties tables. */
const OTHERS: ReadonlySet<Statement['kind']> = new Set([
  'begin',
  'commit',
  'rollback',
  'savepoint',
  'rollback-to',
  'xa-start',
  'xa-other',
  'truncate',
  'create-temporary',
  'drop-temporary',
]);

/**
 * Reads the statements that may define tables from one place of the log up to another.
 * @param eventBytesMax so large may a compressed statement be
 * @throws MillraceError of the connection's codes, `BINLOG_EVENT_INVALID`
 */
export async function scanStatements(log: LogReading, from: Spot, to: Spot, eventBytesMax: number): Promise<LoggedStatement[]> {
  const found: LoggedStatement[] = [];
  const place = new LogPlace();
  place.moveTo(from.file, FIRST_OFFSET);
  let hasChecksum = true;
  await log.read(from.file, (bytes, start, end) => {
    const type = bytes[start + HeaderAt.type]!;
    const body = (): Fields => new Fields(bytes, start + HEADER_BYTES, end - (hasChecksum ? CHECKSUM_BYTES : 0), 'an event of the log');
    if (type === EventType.formatDescription)
      hasChecksum = readFormat(new Fields(bytes, start + HEADER_BYTES, end, 'the format')).hasChecksum;
    const isArtificial = (u16le(bytes, start + HeaderAt.flags) & EventFlag.artificial) !== 0;
    if (type === EventType.rotate && isArtificial) {
      const fields = body();
      const offset = Number(fields.u64());
      place.moveTo(fields.text(fields.left), offset);
    }
    if (isArtificial || type === EventType.heartbeat || type === EventType.heartbeatV2) return true;
    place.take(u32le(bytes, start + HeaderAt.length), u32le(bytes, start + HeaderAt.nextOffset));
    if (!isBefore(place, to)) return false;
    if (isBefore(place, from) || (type !== EventType.query && type !== EventType.queryCompressed)) return true;
    const { sql, database, isCut } = parseQuery(body(), type === EventType.queryCompressed ? eventBytesMax : null);
    if (!OTHERS.has(readStatement(sql).kind)) {
      found.push({ at: { file: place.file, fileNumber: place.fileNumber, offset: place.start }, sql, database, isCut });
    }
    return true;
  });
  return found;
}

function isBefore(place: LogPlace, { fileNumber, offset }: Spot): boolean {
  return place.fileNumber < fileNumber || (place.fileNumber === fileNumber && place.start < offset);
}
