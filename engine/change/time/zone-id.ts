import { findZone } from './tzdata.ts';
import type { ZoneTable } from './zone.ts';

/** `+5`, `+05`, `+05:30`, `+0530`, `+05:30:15`, `+053015`, as Java's ZoneOffset.of takes them. */
const OFFSET = /^([+-])(?:(\d)|(\d\d)(?::?([0-5]\d))?|(\d\d):([0-5]\d):([0-5]\d)|(\d\d)([0-5]\d)([0-5]\d))$/;
const OFFSET_SECONDS_MAX = 18 * 3_600;
/** Names that may stand before an offset, or alone. */
const PREFIX = /^(?:UTC|GMT|UT)(?=$|[+-])/;

/** In the time zone database, and refused by Java's ZoneId.of: abbreviations, and one name that its own data leave out. */
const NOT_JAVAS: readonly string[] = ['EST', 'MST', 'HST', 'ROC'];

/**
 * The zone with this id, by the rules of Java's ZoneId.of: `Z`, an offset, UTC, GMT or UT with an offset or alone, or a name of the time
 * zone database, in which upper and lower case differ. Null when there is none.
 */
export function zoneOf(id: string): ZoneTable | null {
  const offset = offsetOf(id === 'Z' ? '' : id.replace(PREFIX, ''));
  if (offset !== null && id !== '') return { starts: [], offsets: [offset] };
  return NOT_JAVAS.includes(id) ? null : findZone(id);
}

/** Seconds; null for what is no offset. Nothing is UTC. */
function offsetOf(text: string): number | null {
  if (text === '') return 0;
  const match = OFFSET.exec(text);
  if (match === null) return null;
  const [, sign, ...groups] = match;
  const [hours = 0, minutes = 0, seconds = 0] = groups.filter((group) => group !== undefined).map(Number);
  const total = hours * 3_600 + minutes * 60 + seconds;
  if (total > OFFSET_SECONDS_MAX) return null;
  return sign === '-' ? 0 - total : total;
}
