import type { Fields } from './fields.ts';
import { inflateRecord } from './compressed-record.ts';

/** Statements are looked at up to so many bytes: enough for every definition that a person wrote. */
export const STATEMENT_BYTES_MAX = 1024 * 1024;

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
 * @param fileFields bytes between the common fields and the status variables: those about a loaded file
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function parseQuery(fields: Fields, isCompressed: boolean, fileFields = 0): QueryEvent {
  const threadId = fields.u32();
  fields.u32();
  const databaseBytes = fields.u8();
  fields.u16();
  const statusBytes = fields.u16();
  fields.skip(fileFields + statusBytes);
  const database = fields.text(databaseBytes);
  fields.u8();
  const text = isCompressed ? inflateRecord(fields, STATEMENT_BYTES_MAX) : { bytes: fields.slice(fields.left), isCut: false };
  const isCut = text.isCut || text.bytes.length > STATEMENT_BYTES_MAX;
  return { threadId, database, sql: UTF8.decode(text.bytes.subarray(0, STATEMENT_BYTES_MAX)), isCut };
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
