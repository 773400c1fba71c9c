import { copyOf } from '../../../base/byte-view.ts';
import { MillraceError } from '../../../base/errors.ts';
import { crc32 } from './crc32.ts';
import { CHECKSUM_BYTES, EventType, HeaderAt, i32le } from './event-layout.ts';

/** The log's file was not closed yet when the event was written; the flag came after the checksum. */
const IN_USE = 0x01;

/**
 * Checks the CRC32 at the end of an event.
 * @param place of the event before, for the error
 * @throws MillraceError `BINLOG_CHECKSUM`
 */
export function checkChecksum(bytes: Uint8Array, start: number, end: number, place: { toString(): string }): void {
  const bodyEnd = end - CHECKSUM_BYTES;
  const expected = i32le(bytes, bodyEnd);
  if (crc32(bytes, start, bodyEnd) === expected) return;
  if (bytes[start + HeaderAt.type] === EventType.formatDescription) {
    const event = copyOf(bytes, start, bodyEnd);
    event[HeaderAt.flags]! &= ~IN_USE;
    if (crc32(event, 0, event.length) === expected) return;
  }
  throw wrongChecksum(end - start, place);
}

/** The error about an event of `length` bytes whose checksum is not that of its bytes. */
export function wrongChecksum(length: number, place: { toString(): string }): MillraceError {
  const at = place.toString();
  return new MillraceError('BINLOG_CHECKSUM', `An event of ${length} bytes behind ${at} does not have the checksum at its end.`, {
    place: at,
  });
}
