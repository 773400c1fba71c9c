import { EventType } from './binlog/event-layout.ts';
import type { LogPlace } from './binlog/log-place.ts';
import { parseQuery } from './binlog/query-event.ts';
import { readStatement, type Statement } from './binlog/statement.ts';
import { scanEvents, type LogReading } from './log-scan.ts';

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
  await scanEvents(log, from.file, ({ type, place, body }) => {
    if (!isBefore(place, to)) return false;
    if (isBefore(place, from) || (type !== EventType.query && type !== EventType.queryCompressed)) return true;
    const { sql, database, isCut } = parseQuery(body, type === EventType.queryCompressed ? eventBytesMax : null);
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
