import { MillraceError } from '../../../base/errors.ts';
import { EventType } from './event-layout.ts';
import type { LogPlace } from './log-place.ts';

/** Types that are known and not supported: what they are, and what makes the server write them. */
const KNOWN: Readonly<Record<number, string>> = {
  [EventType.partialUpdateRows]: 'PARTIAL_UPDATE_ROWS, of binlog_row_value_options=PARTIAL_JSON',
  [EventType.gtidTagged]: 'GTID_TAGGED, of a transaction whose GTID has a tag (gtid_next=AUTOMATIC:tag)',
  [EventType.partialRowData]: 'PARTIAL_ROW_DATA, of rows larger than binlog_row_event_fragment_threshold',
};

/** The error about an event that may hold changes and is not supported. */
export function unsupported(type: number, place: LogPlace): MillraceError {
  const what = KNOWN[type] ?? 'an unknown one';
  const message = `The log has an event of type ${type} at ${place.toString()}, which is not supported: ${what}.`;
  return new MillraceError('BINLOG_EVENT_UNSUPPORTED', message, { type, place: place.toString() });
}

/** The error about an event that no server should send there. */
export function malformed(what: string, place: LogPlace): MillraceError {
  return new MillraceError('BINLOG_EVENT_INVALID', `The server sent ${what}, at ${place.toString()}.`, { place: place.toString() });
}

/** The error about an event of the log that must be in memory whole, and is larger than the part of the budget that one may take. */
export function eventTooLarge(bytes: number, limit: number): MillraceError {
  const message =
    `An event of at least ${bytes} bytes is larger than the ${limit} that there is memory for. ` +
    `Set MILLRACE_MEMORY to more than ${4 * bytes}.`;
  return new MillraceError('EVENT_TOO_LARGE', message, { bytes, limit });
}
