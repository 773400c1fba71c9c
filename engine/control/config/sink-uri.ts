import { nearest } from '../../base/nearest.ts';
import { inCapitals, type Given } from './given.ts';
import { PROPERTY_PREFIX, meaningOf } from './names.ts';
import { OPTIONS } from './options.ts';

const ACCEPTED = 'kafka://user:password@host1:9092,host2:9092/topic?name=value&name=value, special characters percent-encoded';
const FORM = /^kafka:\/\/(?:([^/?#]*)@)?([^/?#@]+)\/([^/?#]*)(?:\?([^#]*))?$/i;

/** Names that TiCDC has for options of ours that are called otherwise. */
const OWN_NAMES: Readonly<Record<string, string>> = { PROTOCOL: 'FORMAT', KAFKA_CLIENT_ID: `${PROPERTY_PREFIX}CLIENT_ID` };

/** TiCDC's parameters without an option here; each stays an error until it has one. A trailing `_` is a prefix. */
const LATER: readonly string[] = [
  'KAFKA_VERSION',
  'MAX_RETRY',
  'DIAL_TIMEOUT',
  'READ_TIMEOUT',
  'WRITE_TIMEOUT',
  'ENABLE_TIDB_EXTENSION',
  'MAX_BATCH_SIZE',
  'ONLY_OUTPUT_UPDATED_COLUMNS',
  'CONTENT_COMPATIBLE',
  'OUTPUT_ROW_KEY',
  'AVRO_',
  'DEBEZIUM_',
  'SCHEMA_REGISTRY',
  'ENCODING_FORMAT',
  'TRANSACTION_ATOMICITY',
];

/** Options that a sink can have; where changes come from and how the service runs is said elsewhere. */
const GROUPS: readonly string[] = ['Kafka', 'Messages'];

/**
 * What a sink URI gives, each value under the name that it has in the URI. No part of the URI is shown: a password with an unencoded
 * character may stand anywhere in it.
 */
export function givenBySinkUri({ source, text }: Given, problems: string[]): Given[] {
  const match = FORM.exec(text.trim());
  if (match === null) {
    problems.push(`${source}: given ${sortOf(text)}, accepted: ${ACCEPTED}`);
    return [];
  }
  const [, user, hosts = '', topic = '', query = ''] = match;
  const parts: [place: string, name: string, encoded: string][] = [
    ['hosts', 'BOOTSTRAP_SERVERS', hosts],
    ['topic', 'TOPIC', topic],
    ...userOf(user),
    ...query.split('&').flatMap((pair) => parameterOf(pair, source, problems)),
  ];
  return parts.flatMap(([place, name, encoded]) => decode({ source: `${place} in ${source}`, name, text: encoded }, problems));
}

function userOf(user: string | undefined): [string, string, string][] {
  if (user === undefined) return [];
  const colon = user.indexOf(':');
  if (colon < 0) return [['user', 'SASL_USERNAME', user]];
  return [
    ['user', 'SASL_USERNAME', user.slice(0, colon)],
    ['password', 'SASL_PASSWORD', user.slice(colon + 1)],
  ];
}

function parameterOf(pair: string, source: string, problems: string[]): [string, string, string][] {
  if (pair === '') return [];
  const equals = pair.indexOf('=');
  const parameter = equals < 0 ? pair : pair.slice(0, equals);
  const capitals = inCapitals(parameter);
  const name = OWN_NAMES[capitals] ?? capitals;
  // In a query `+` is a blank; a plus sign is %2B.
  if (equals > 0 && isOfSink(name)) return [[parameter, name, pair.slice(equals + 1).replaceAll('+', ' ')]];
  problems.push(`${source}: ${refusal(parameter, capitals)}`);
  return [];
}

/** Names that are refused or ignored by name everywhere are left to what reads all names. */
function isOfSink(name: string): boolean {
  const meaning = meaningOf(name);
  if (meaning.kind === 'option') return GROUPS.includes(OPTIONS[meaning.key].group) && meaning.key !== 'sinkUri';
  return meaning.kind === 'property' ? name === OWN_NAMES['KAFKA_CLIENT_ID'] : meaning.kind !== 'unknown';
}

/** What no list knows is not shown: a password with an unencoded `&` looks like a parameter. */
function refusal(parameter: string, capitals: string): string {
  if (LATER.some((name) => (name.endsWith('_') ? capitals.startsWith(name) : name === capitals))) {
    return `the parameter ${parameter} is not supported yet`;
  }
  const near = nearest(capitals, parameters());
  const hint = near === null ? '`millrace options` lists what there is' : `did you mean ${near.toLowerCase().replaceAll('_', '-')}?`;
  return `a parameter is not an option; ${hint}`;
}

function parameters(): string[] {
  const options = Object.values(OPTIONS).filter(({ group }) => GROUPS.includes(group));
  return [...Object.keys(OWN_NAMES), ...options.flatMap(({ name, aliases }) => [name, ...aliases])];
}

function decode(given: Given, problems: string[]): Given[] {
  try {
    return [{ ...given, text: decodeURIComponent(given.text) }];
  } catch {
    problems.push(`${given.source}: a % is not followed by two hexadecimal digits of UTF-8 text; a percent sign itself is %25`);
    return [];
  }
}

function sortOf(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text.trim())?.[1]?.toLowerCase();
  if (scheme === undefined) return 'no URI';
  if (scheme === 'kafka+ssl') return 'the scheme kafka+ssl, for which kafka and the parameter enable-tls=true stand here';
  return scheme === 'kafka' ? 'a URI that is not shown' : `the scheme ${scheme}`;
}
