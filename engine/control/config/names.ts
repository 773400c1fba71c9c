import { nearest } from '../../base/nearest.ts';
import { isSecretProperty, propertyNames, propertyOf, refusalOf } from './kafka-properties.ts';
import { MAXWELL_REFUSED } from './maxwell-names.ts';
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
 * Names of other exporters' options that come with later versions or cannot be had: refused by name, so that nobody believes them to work.
 * A trailing `_` is a prefix.
 */
const LATER: Readonly<Record<string, string>> = {
  SINK_: 'nested sink rules are not supported yet',
  DISPATCHERS: 'dispatcher rules are not supported yet',
  COLUMN_SELECTORS: 'column selectors are not supported yet',
  FILTER_: 'nested filter rules are not supported yet: use MILLRACE_TABLES',
  SCHEDULER_: 'the scheduler is not supported yet',
  SASL_GSSAPI_PASSWORD: 'librdkafka logs in by keytab: use MILLRACE_SASL_KERBEROS_KEYTAB',
  BATCH_SIZE: 'it is bytes for some exporters and messages for others: use MILLRACE_BATCH_BYTES or MILLRACE_BATCH_MESSAGES',
};

/** Names that other systems know and that mean nothing here: taken with a warning. */
const IGNORED: readonly string[] = ['CONSUMER_CONFIG_', 'MOUNTER_', 'SORT_ENGINE', 'DDL_ALLOW_LIST', 'SASL_GSSAPI_DISABLE_PAFXFAST'];

/**
 * Blocks of other exporters' files, in which an option may stand: their names count for nothing, or stand for `KAFKA_`. Blocks stand in
 * blocks: `ADVANCED_CONFIG_PRODUCER_CONFIG_LINGER_MS` is `LINGER_MS`.
 */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  EXPORT_CONFIG: [''],
  ADVANCED_CONFIG: [''],
  KAFKA_CONFIG: ['', PROPERTY_PREFIX],
  SSL_CONFIG: ['', PROPERTY_PREFIX],
  PRODUCER_CONFIG: ['', PROPERTY_PREFIX],
  PERFORMANCE_TUNING: ['', PROPERTY_PREFIX],
};

const BY_NAME = new Map<string, OptionKey>(
  (Object.keys(OPTIONS) as OptionKey[]).flatMap((key) => [OPTIONS[key].name, ...OPTIONS[key].aliases].map((name) => [name, key] as const)),
);

/** What `name` means, in or out of a block; never throws. The first reading that is known wins. */
export function meaningOf(name: string): NameMeaning {
  const readings = readingsOf(name);
  const known = readings.map(meaningOfReading).find((meaning) => meaning !== null);
  if (known !== undefined) return known;
  const shortestFirst = readings.toSorted((a, b) => a.length - b.length);
  return { kind: 'unknown', nearest: shortestFirst.map(nearestName).find((near) => near !== null) ?? null };
}

/** True for a name that stands for a block and no value. */
export function isBlockName(name: string): boolean {
  return `${name}_` === PROPERTY_PREFIX || Object.keys(BLOCKS).some((block) => name === block || name.endsWith(`_${block}`));
}

/** The name as it is, then without the blocks around it. */
function readingsOf(name: string): string[] {
  const block = Object.keys(BLOCKS).find((candidate) => name.startsWith(`${candidate}_`));
  if (block === undefined) return [name];
  const rest = name.slice(block.length + 1);
  return [name, ...(BLOCKS[block] ?? []).flatMap((prefix) => readingsOf(prefix + rest))];
}

/** Options win over librdkafka's properties: `KAFKA_SSL_KEY` is a path here, and a structure there. */
function meaningOfReading(name: string): NameMeaning | null {
  const option = asOption(name);
  if (option !== null) return option;
  const property = asProperty(name);
  if (property !== null) return property;
  const later = LATER[entryOf(name, Object.keys(LATER)) ?? ''];
  if (later !== undefined) return { kind: 'refused', reason: later };
  const foreign = MAXWELL_REFUSED[name];
  if (foreign !== undefined) return { kind: 'refused', reason: foreign };
  return entryOf(name, IGNORED) === undefined ? null : { kind: 'ignored', reason: 'it has no meaning here' };
}

function asOption(name: string): NameMeaning | null {
  const key = BY_NAME.get(name);
  if (key !== undefined) return { kind: 'option', key, inFile: false };
  if (!name.endsWith(FILE_SUFFIX)) return null;
  const secret = BY_NAME.get(name.slice(0, -FILE_SUFFIX.length));
  return secret !== undefined && OPTIONS[secret].secret ? { kind: 'option', key: secret, inFile: true } : null;
}

function asProperty(name: string): NameMeaning | null {
  if (!name.startsWith(PROPERTY_PREFIX)) return null;
  const own = name.slice(PROPERTY_PREFIX.length);
  const whole = propertyOf(own);
  if (whole !== null) return named(whole, false);
  if (!own.endsWith(FILE_SUFFIX)) return null;
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
