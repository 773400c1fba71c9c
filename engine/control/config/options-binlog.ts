import { optional, withDefault, type Option } from './option.ts';
import { choice, duration } from './parse.ts';
import { startPosition } from './parse-source.ts';

/** Options of a source with a binlog: MariaDB and MySQL. */
export const BINLOG_OPTIONS = {
  startPosition: withDefault(startPosition(), 'newest', {
    name: 'START_POSITION',
    group: 'Source',
    meaning: 'MariaDB and MySQL: where a changefeed without a checkpoint begins. With one it has no effect.',
  }),
  sourceTimeout: optional(duration('s', 1000, 3_600_000), '`timeout` of the URL, else 10s', {
    name: 'SOURCE_TIMEOUT',
    aliases: ['TIMEOUT'],
    group: 'Source',
    meaning:
      'MariaDB and MySQL: how long connecting and logging in may take, and how long the stream may be silent; an answer to a statement has six times as long.',
  }),
  ambiguousTypes: withDefault(choice(['error', 'raw']), 'error', {
    name: 'AMBIGUOUS_TYPES',
    group: 'Source',
    meaning:
      'MariaDB and MySQL: what becomes of a column whose type the log does not tell (JSON, INET4, INET6, UUID and VECTOR of MariaDB, and ' +
      'fractions of its temporal types of before MySQL 5.6) and the catalogue can no longer: an `error`, or its values as the log has ' +
      'them, `raw`.',
  }),
} as const satisfies Record<string, Option<unknown>>;
