import { inflateSync } from 'node:zlib';
import type { Fields } from './fields.ts';

const IS_COMPRESSED = 0x80;
const LENGTH_BYTES = 0x07;
const ALGORITHM = 0x70;

/**
 * Inflates the rest of an event, a compressed record of MariaDB: a byte of 0x80, algorithm and n; n bytes of the length, big-endian; zlib
 * data. Brings at most `bytesMax` bytes into being.
 * @throws MillraceError `BINLOG_EVENT_INVALID`, of larger ones too
 */
export function inflateRecord(fields: Fields, bytesMax: number): Uint8Array {
  const head = fields.u8();
  if ((head & IS_COMPRESSED) === 0 || (head & ALGORITHM) !== 0) fields.fail('compressed in an unknown way');
  let length = 0;
  for (const byte of fields.slice(head & LENGTH_BYTES)) length = length * 0x100 + byte;
  if (length > bytesMax) fields.fail(`its compressed part has ${length} bytes, and at most ${bytesMax} are read`);
  const input = fields.slice(fields.left);
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(input, { maxOutputLength: Math.max(1, length) });
  } catch (error) {
    return fields.fail(`its compressed part cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  if (bytes.length !== length) fields.fail(`its compressed part has ${bytes.length} bytes where ${length} were announced`);
  return bytes;
}
