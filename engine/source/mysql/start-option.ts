import { FIRST_OFFSET } from './binlog/event-layout.ts';
import { MariadbGtidPosition } from './gtid.ts';
import { MysqlGtidSet } from './gtid-set.ts';

/** Where a changefeed without a checkpoint starts: the language of `MILLRACE_START_POSITION`. */
export type StartOption =
  | { readonly kind: 'newest' | 'oldest' }
  /** After these transactions. */
  | { readonly kind: 'gtid'; readonly gtid: string }
  | { readonly kind: 'place'; readonly file: string; readonly offset: number }
  /** At the first transaction that was written at this time or later; milliseconds since 1970. */
  | { readonly kind: 'time'; readonly ms: number };

export const START_OPTION_HELP =
  '`newest`: what comes from now on; `oldest`: all that the log still has; a GTID position of MariaDB (`0-1-5,7-1-2`) or a set of MySQL ' +
  '(`3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5`): what comes after it; `file:offset`; or a time with its zone, such as `2026-11-30T08:00:00Z`';

const PLACE = /^(.*\d):(\d{1,13})$/s;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Reads a start position; null for what is none. */
export function parseStartOption(given: string): StartOption | null {
  const text = given.trim();
  if (text === 'newest' || text === 'oldest') return { kind: text };
  if (TIME.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? null : { kind: 'time', ms };
  }
  const gtid = gtidIn(text);
  if (gtid !== null) return { kind: 'gtid', gtid };
  const place = PLACE.exec(text);
  if (place === null || Number(place[2]) < FIRST_OFFSET) return null;
  return { kind: 'place', file: place[1]!, offset: Number(place[2]) };
}

/** Either server's form, in its own spelling; null when it is neither. */
function gtidIn(text: string): string | null {
  for (const parse of [(given: string) => MariadbGtidPosition.parse(given), (given: string) => MysqlGtidSet.parse(given)]) {
    try {
      const position = parse(text);
      if (!position.isEmpty) return position.toString();
    } catch {
      // Then it is the other one's, or none.
    }
  }
  return null;
}
