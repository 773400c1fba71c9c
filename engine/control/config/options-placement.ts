import { optional, withDefault, type Option } from './option.ts';
import { choice, list } from './parse.ts';

/** What can decide about the partition of a row that has no key. */
const FALLBACKS = ['table', 'database', 'primary_key', 'transaction_id', 'thread_id', 'random', 'round_robin'] as const;

/** Where Maxwell's own defaults are taken. */
const AS_MAXWELL = 'with MariaDB and MySQL in maxwell';

/** The options that decide about the key and the partition of a message. */
export const PLACEMENT_OPTIONS = {
  keyFormat: optional(choice(['primary_key', 'table_primary_key', 'hash', 'array']), `primary_key; hash ${AS_MAXWELL}`, {
    name: 'KEY_FORMAT',
    aliases: ['KAFKA_KEY_FORMAT'],
    group: 'Kafka',
    meaning:
      'Key of a message: `primary_key` is `{"id":1}`; `table_primary_key` and `hash` are `{"database":"shop","table":"orders","pk.id":1}`; ' +
      '`array` is `["shop","orders",[{"id":1}]]`. Tables without a key have null keys.',
  }),
  partitionBy: optional(choice([...FALLBACKS, 'key', 'column', 'columns']), `key; database ${AS_MAXWELL}`, {
    name: 'PARTITION_BY',
    aliases: ['PRODUCER_PARTITION_BY'],
    group: 'Kafka',
    meaning:
      'What decides about the partition of a row: its message `key`; the values of its `primary_key` or of some `column`s; its `table`, ' +
      '`database`, `transaction_id` or `thread_id`; `random` and `round_robin` follow from its place in the log. ' +
      'All but `key`, `primary_key`, `table` and `database` give up the order of the changes of one key.',
  }),
  partitionColumns: optional(list('names of columns, separated by commas; double quotes around a name with a comma'), 'none', {
    name: 'PARTITION_COLUMNS',
    aliases: ['PRODUCER_PARTITION_COLUMNS'],
    group: 'Kafka',
    meaning: 'For MILLRACE_PARTITION_BY=column: their values, joined. Columns that a table does not have and null values are passed over.',
  }),
  partitionByFallback: withDefault(choice(FALLBACKS), 'random', {
    name: 'PARTITION_BY_FALLBACK',
    aliases: ['PRODUCER_PARTITION_BY_FALLBACK'],
    group: 'Kafka',
    meaning: 'What decides for a row without a key, and for one without any value in MILLRACE_PARTITION_COLUMNS.',
  }),
  partitionHash: optional(choice(['murmur2', 'murmur3', 'default']), `murmur2; default ${AS_MAXWELL}`, {
    name: 'PARTITION_HASH',
    aliases: ['KAFKA_PARTITION_HASH', 'HASH_ALGORITHM'],
    group: 'Kafka',
    meaning: "`murmur2` puts a key where Kafka's own producers put it; `murmur3` and `default` (Java's hashCode) where Maxwell does.",
  }),
} as const satisfies Record<string, Option<unknown>>;
