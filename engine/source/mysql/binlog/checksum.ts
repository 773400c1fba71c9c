import { crc32 } from 'node:zlib';
import { MillraceError } from '../../../base/errors.ts';
import { CHECKSUM_BYTES, EventType, HeaderAt, u32le } from './event-layout.ts';

/** The log's file was not closed yet when the event was written; the flag came after the checksum. */
const IN_USE = 0x01;

/**
 * Checks the CRC32 at the end of an event.
 * @throws MillraceError `BINLOG_CHECKSUM`
 */
export function checkChecksum(bytes: Uint8Array, start: number, end: number, place: { toString(): string }): void {
  const bodyEnd = end - CHECKSUM_BYTES;
  const event = bytes.subarray(start, bodyEnd);
  const expected = u32le(bytes, bodyEnd);
  if (crc32(event) === expected) return;
  if (event[HeaderAt.type] === EventType.formatDescription && crc32(withoutInUse(event)) === expected) return;
  const at = place.toString();
  throw new MillraceError('BINLOG_CHECKSUM', `An event of ${end - start} bytes behind ${at} does not have the checksum at its end.`, {
    place: at,
  });
}

function withoutInUse(event: Uint8Array): Uint8Array {
  const copy = event.slice();
  copy[HeaderAt.flags]! &= ~IN_USE;
  return copy;
}
