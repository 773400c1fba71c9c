import { CHECKSUM_BYTES, HEADER_BYTES } from './event-layout.ts';
import type { Fields } from './fields.ts';

const VERSION = 4;
const SERVER_VERSION_BYTES = 50;
/** MariaDB's first version with the type VECTOR. */
const VECTORS_SINCE = [11, 7] as const;

/** What the beginning of a file says of its events. */
export interface LogFormat {
  readonly hasChecksum: boolean;
  /** The server began the file when it started: no session of before lives on. */
  readonly isOfStart: boolean;
  /** MariaDB, and new enough for the type VECTOR. */
  readonly hasVectors: boolean;
}

/**
 * Reads the body of a FORMAT_DESCRIPTION event, up to the event's end: room for a checksum is there always.
 * @throws MillraceError `BINLOG_EVENT_INVALID`
 */
export function readFormat(fields: Fields): LogFormat {
  const version = fields.u16();
  if (version !== VERSION) fields.fail(`the log has version ${version}, and ${VERSION} is known`);
  const server = fields.text(SERVER_VERSION_BYTES).replace(/\0.*$/s, '');
  const created = fields.u32();
  const headerBytes = fields.u8();
  if (headerBytes !== HEADER_BYTES) fields.fail(`headers have ${headerBytes} bytes`);
  fields.skip(Math.max(0, fields.left - CHECKSUM_BYTES - 1));
  const algorithm = fields.u8();
  if (algorithm > 1) fields.fail(`the checksum algorithm ${algorithm} is not known`);
  return { hasChecksum: algorithm === 1, isOfStart: created !== 0, hasVectors: server.includes('MariaDB') && hasVectors(server) };
}

function hasVectors(server: string): boolean {
  const [major = 0, minor = 0] = server.split('.').map((part) => Number.parseInt(part, 10));
  return major > VECTORS_SINCE[0] || (major === VECTORS_SINCE[0] && minor >= VECTORS_SINCE[1]);
}
