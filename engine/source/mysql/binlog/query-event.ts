import { inflateRecord } from './compressed-record.ts';
import type { Fields } from './fields.ts';

/** So much of a statement is looked at: more than any definition has that a person wrote. */
const STATEMENT_BYTES = 1024 * 1024;

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A QUERY event: a statement of a session. */
export interface QueryEvent {
  readonly threadId: number;
  /** Database that the session had chosen; empty for none. */
  readonly database: string;
  readonly sql: string;
  /** `sql` is the beginning of a longer statement. */
  readonly isCut: boolean;
}

/**
 * Reads the body of a QUERY, QUERY_COMPRESSED or EXECUTE_LOAD_QUERY event.
 * @param inflateMax null where the statement is not compressed, else how many bytes it may have
 * @param fileBytes those of the fields about a loaded file, in front of the status variables
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function parseQuery(fields: Fields, inflateMax: number | null, fileBytes = 0): QueryEvent {
  const threadId = fields.u32();
  fields.u32();
  const databaseBytes = fields.u8();
  fields.u16();
  const statusBytes = fields.u16();
  fields.skip(fileBytes + statusBytes);
  const database = fields.text(databaseBytes);
  fields.u8();
  const text = inflateMax === null ? fields.slice(fields.left) : inflateRecord(fields, inflateMax);
  return { threadId, database, sql: UTF8.decode(text.subarray(0, STATEMENT_BYTES)), isCut: text.length > STATEMENT_BYTES };
}
