import { parsePattern } from '../../change/time/pattern.ts';
import { zoneOf } from '../../change/time/zone-id.ts';
import type { ZoneTable } from '../../change/time/zone.ts';
import { Refused, type ValueType } from './parse.ts';

/** A zone under the name that it was given. */
export interface NamedZone extends ZoneTable {
  readonly id: string;
}

/** A zone by the rules of Java's ZoneId.of. */
export function zone(): ValueType<NamedZone> {
  return {
    name: 'zone',
    accepted: 'a zone as Java takes it: Europe/London (upper and lower case matter), UTC, Z, +05:30, GMT+8, UTC+01:00',
    parse(given) {
      const id = given.trim();
      const table = zoneOf(id);
      return table === null ? new Refused() : { id, ...table };
    },
  };
}

/** A pattern of timestamps; it stays text. */
export function timestampPattern(): ValueType<string> {
  return {
    name: 'pattern',
    accepted: "a pattern of y, M, d, H, m, s, S and 'quoted text', such as yyyy-MM-dd'T'HH:mm:ss.SSS",
    parse(given) {
      const parts = parsePattern(given);
      return typeof parts === 'string' ? new Refused(`${parts};`) : given;
    },
  };
}

/** Column names and `/regular expressions/`, separated by commas; a comma inside an expression is its own. */
export function columnPatterns(): ValueType<readonly string[]> {
  return {
    name: 'list',
    accepted: 'column names and /regular expressions/ of whole names, separated by commas',
    parse(given) {
      const patterns = splitPatterns(given);
      if (patterns === null || patterns.includes('')) return new Refused();
      for (const pattern of patterns) {
        const problem = problemOf(pattern);
        if (problem !== null) return new Refused(`${problem};`);
      }
      return patterns;
    },
  };
}

/** Null when an expression is not closed, or something stands behind it. */
function splitPatterns(given: string): string[] | null {
  const patterns: string[] = [];
  let rest = given.trim();
  for (;;) {
    const [whole, pattern = ''] = /^(\/(?:[^\\/]|\\.)*\/|[^/,][^,]*|)\s*(?:,\s*|$)/s.exec(rest) ?? [];
    if (whole === undefined) return null;
    patterns.push(pattern.trim());
    if (whole.length === rest.length && !whole.trimEnd().endsWith(',')) return patterns;
    rest = rest.slice(whole.length);
  }
}

function problemOf(pattern: string): string | null {
  if (!pattern.startsWith('/')) return null;
  try {
    new RegExp(pattern.slice(1, -1), 'su');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
