import { nearest } from '../../base/nearest.ts';
import { isSecretProperty, propertyNames, propertyOf, refusalOf } from './kafka-properties.ts';
import { OPTIONS, type OptionKey } from './options.ts';

/** What a name in capitals (`SOURCE_URL`, `KAFKA_SASL_PASSWORD_FILE`) stands for, wherever it was given. */
export type NameMeaning =
  | { readonly kind: 'option'; readonly key: OptionKey; readonly inFile: boolean }
  | { readonly kind: 'property'; readonly property: string; readonly inFile: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly nearest: string | null };

/** Prefix of librdkafka's own properties. */
export const PROPERTY_PREFIX = 'KAFKA_';
const FILE_SUFFIX = '_FILE';

/**
 * Names of other exporters' options that come with later versions: refused by name, so that nobody believes them to work.
 * A trailing `_` is a prefix.
 */
const LATER: Readonly<Record<string, string>> = {
  SINK_URI: 'sink URIs are not supported yet: give MILLRACE_BOOTSTRAP_SERVERS and MILLRACE_TOPIC',
  SINK_: 'nested sink rules are not supported yet',
  DISPATCHERS: 'dispatcher rules are not supported yet',
  COLUMN_SELECTORS: 'column selectors are not supported yet',
  FILTER_: 'nested filter rules are not supported yet: use MILLRACE_TABLES',
  SCHEDULER_: 'the scheduler is not supported yet',
  TIMESTAMP_FORMAT: 'time formats are not supported yet',
  TIMEZONE_CONVERSION_: 'time zone conversion is not supported yet',
  OUTPUT_BINLOG_POSITION: 'this output column is not supported yet',
  OUTPUT_SERVER_ID: 'this output column is not supported yet',
  OUTPUT_THREAD_ID: 'this output column is not supported yet',
  OUTPUT_SCHEMA_ID: 'this output column is not supported yet',
  OUTPUT_PRIMARY_KEY_COLUMNS: 'this output column is not supported yet',
  OUTPUT_PUSH_TIMESTAMP: 'this output column is not supported yet',
  KAFKA_KEY_FORMAT: 'key formats are not supported yet: the key is the primary key',
  KAFKA_PARTITION_HASH: 'other hashes are not supported yet: it is murmur2',
  HASH_ALGORITHM: 'other hashes are not supported yet: it is murmur2',
  PRODUCER_PARTITION_: 'other partitioners are not supported yet: rows are partitioned by key',
  PARTITION_BY: 'other partitioners are not supported yet: rows are partitioned by key',
  PARTITION_BY_FALLBACK: 'other partitioners are not supported yet: rows are partitioned by key',
  PARTITION_COLUMNS: 'other partitioners are not supported yet: rows are partitioned by key',
  MVIEWS: 'materialized views are not supported yet',
  BUFFER_MEMORY: 'the queue has no size of its own: use MILLRACE_MEMORY',
};

/** Names that other systems know and that mean nothing here: taken with a warning. */
const IGNORED: readonly string[] = ['CONSUMER_CONFIG_', 'MOUNTER_', 'SORT_ENGINE', 'DDL_ALLOW_LIST', 'SASL_GSSAPI_DISABLE_PAFXFAST'];

/** One name for two sizes, by the block in which it stands. */
const PROPERTY_ALIASES: Readonly<Record<string, string>> = {
  PRODUCER_CONFIG_BATCH_SIZE: 'batch.size',
  PERFORMANCE_TUNING_BATCH_SIZE: 'batch.num.messages',
};

const BY_NAME = new Map<string, OptionKey>(
  (Object.keys(OPTIONS) as OptionKey[]).flatMap((key) => [OPTIONS[key].name, ...OPTIONS[key].aliases].map((name) => [name, key] as const)),
);

/** What `name` means; never throws. */
export function meaningOf(name: string): NameMeaning {
  const key = BY_NAME.get(name);
  if (key !== undefined) return { kind: 'option', key, inFile: false };
  const property = asProperty(name);
  if (property !== null) return property;
  const later = LATER[entryOf(name, Object.keys(LATER)) ?? ''];
  if (later !== undefined) return { kind: 'refused', reason: later };
  if (entryOf(name, IGNORED) !== undefined) return { kind: 'ignored', reason: 'it has no meaning here' };
  if (name.endsWith(FILE_SUFFIX)) {
    const secret = BY_NAME.get(name.slice(0, -FILE_SUFFIX.length));
    if (secret !== undefined && OPTIONS[secret].secret) return { kind: 'option', key: secret, inFile: true };
  }
  return { kind: 'unknown', nearest: nearestName(name) };
}

function asProperty(name: string): NameMeaning | null {
  const own = name.startsWith(PROPERTY_PREFIX) ? name.slice(PROPERTY_PREFIX.length) : null;
  const whole = PROPERTY_ALIASES[name] ?? (own === null ? null : propertyOf(own));
  if (whole !== null) return named(whole, false);
  if (own === null || !own.endsWith(FILE_SUFFIX)) return null;
  const secret = propertyOf(own.slice(0, -FILE_SUFFIX.length));
  return secret !== null && isSecretProperty(secret) ? named(secret, true) : null;
}

function named(property: string, inFile: boolean): NameMeaning {
  const reason = refusalOf(property);
  return reason === null ? { kind: 'property', property, inFile } : { kind: 'refused', reason };
}

/** The entry that is `name`, or a prefix of it when it ends with `_`. */
function entryOf(name: string, entries: readonly string[]): string | undefined {
  return entries.find((entry) => (entry.endsWith('_') ? name.startsWith(entry) || `${name}_` === entry : name === entry));
}

function nearestName(name: string): string | null {
  if (!name.startsWith(PROPERTY_PREFIX)) return nearest(name, BY_NAME.keys());
  return nearest(name, [...BY_NAME.keys(), ...propertyNames().map((property) => PROPERTY_PREFIX + property)]);
}
