import { createRedactor } from '../redact.ts';
import { gathered, type ReadOptions, type Readings } from './changefeeds.ts';
import type { Config, ServiceConfig } from './config.ts';
import { httpOf, httpWarnings } from './http.ts';
import { isSecretProperty } from './kafka-properties.ts';
import { assemble, invalid, problemsOf } from './load.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import { ownNamesOf, serverIdIn } from './source.ts';
import { addressIn, kindOfUrl, namesIn, secretsIn } from './source-url.ts';
import { readChangefeeds, type ConfigInput } from './read.ts';

const NEEDED = (Object.keys(OPTIONS) as OptionKey[]).filter((key) => OPTIONS[key].required);

/** What one side of a changefeed needs to be given, and what stands in its place while that side is not looked at: it leads nowhere. */
const STAND_INS = {
  source: { sourceUrl: 'postgres://nobody@nowhere.invalid/nothing', syncMode: 'INCREMENTAL', tables: ['nothing'] },
  sink: { bootstrapServers: 'nowhere.invalid:9092', topic: 'nothing' },
} as const satisfies Record<string, Partial<OptionValues>>;

/**
 * The configuration as far as one side of each changefeed goes. What the other side lacks is no problem, and is filled in with what leads
 * nowhere. Throws as `loadService` does.
 */
export function loadSide(input: ConfigInput, terminal: boolean, side: keyof typeof STAND_INS): ServiceConfig {
  const standIns: Partial<OptionValues> = STAND_INS[side === 'source' ? 'sink' : 'source'];
  const needed = NEEDED.filter((key) => !(key in standIns));
  const [first, ...others] = readChangefeeds(input, needed);
  const filled = (read: ReadOptions): ReadOptions => {
    const given = Object.fromEntries(Object.entries(read.values).filter(([key, value]) => value !== null || !(key in standIns)));
    return { ...read, values: { ...standIns, ...given } as OptionValues };
  };
  return configOf([filled(first), ...others.map(filled)], terminal);
}

/**
 * The configuration of the service from command line, environment, file and defaults: complete, checked and frozen.
 * Throws one `CONFIG_INVALID` whose message lists every problem: the name as it was given, what was given, what is accepted.
 * `terminal` says whether the logs go to one.
 */
export function loadService(input: ConfigInput, terminal: boolean): ServiceConfig {
  return configOf(readService(input), terminal);
}

/** What was given for each changefeed of a service, with everything that is wrong with it. Nothing is thrown. */
export function readService(input: ConfigInput): Readings {
  return readChangefeeds(input, NEEDED);
}

/**
 * The configuration that readings come to.
 * @throws MillraceError CONFIG_INVALID, as `loadService` does
 */
export function configOf(readings: Readings, terminal: boolean): ServiceConfig {
  const problems = gathered(readings, problemsOf);
  if (problems.length === 0) problems.push(...sharedNames(readings));
  if (problems.length > 0) throw invalid(problems);
  const [first, ...others] = readings;
  const { values } = first;
  const changefeeds = [assemble(first), ...others.map(assemble)] as const;
  return deepFreeze({
    ...toldOnce(changefeeds, httpWarnings(values)),
    http: httpOf(values),
    log: { level: values.logLevel, format: values.logFormat ?? (terminal ? 'pretty' : 'json') },
  });
}

/** A warning that all of several changefeeds would give is the service's. */
function toldOnce(
  changefeeds: ServiceConfig['changefeeds'],
  ofService: readonly string[],
): Pick<ServiceConfig, 'changefeeds' | 'warnings'> {
  const [first, ...others] = changefeeds;
  if (others.length === 0) return { changefeeds, warnings: ofService };
  const common = first.warnings.filter((warning) => others.every(({ warnings }) => warnings.includes(warning)));
  const without = (config: Config): Config => ({ ...config, warnings: config.warnings.filter((warning) => !common.includes(warning)) });
  return { changefeeds: [without(first), ...others.map(without)], warnings: [...ofService, ...common] };
}

/**
 * What one server knows a changefeed by, it must not know another by. A slot has one reader, and belongs to a whole server; so does the
 * `server_id` of a replica.
 */
function sharedNames(readings: Readings): string[] {
  const streaming = readings.filter(({ values }) => values.syncMode !== 'FULL');
  const known = streaming.map(({ values }) => ({
    name: values.changefeed,
    known: kindOfUrl(values.sourceUrl) === 'postgres' ? `slot ${ownNamesOf(values).slot}` : `server_id ${serverIdIn(values)}`,
    servers: addressIn(values.sourceUrl).servers.map(({ host, port }) => `${host}:${port}`),
  }));
  return known.flatMap((one, index) =>
    known
      .slice(index + 1)
      .filter((other) => other.known === one.known && other.servers.some((server) => one.servers.includes(server)))
      .map(
        (other) => `the changefeeds ${one.name} and ${other.name} have the ${one.known} of one server; accepted: one of its own for each`,
      ),
  );
}

/**
 * Makes a function that hides this configuration's secrets in any text: passwords of URLs, PGPASSWORD, the token of HTTP, and properties
 * that are called like a secret. One that is also part of a public name (password `shop` of database `shop`) is hidden only where it stands
 * as a password: replacing it everywhere would hide nothing that the name does not tell, and make slots and tables unreadable.
 */
export function redactorOf(
  { changefeeds, http }: Pick<ServiceConfig, 'changefeeds' | 'http'>,
  env: ConfigInput['env'],
): (text: string) => string {
  const secrets = [...changefeeds.flatMap(secretsOf), env['PGPASSWORD'] ?? '', http?.token ?? ''];
  const names = changefeeds.flatMap(publicNames);
  return createRedactor(secrets.filter((secret) => !names.some((name) => name.includes(secret))));
}

function secretsOf({ source, kafka }: Config): string[] {
  const properties = Object.entries(kafka.properties).filter(([name]) => isSecretProperty(name));
  return [...secretsIn(source.url), ...properties.map(([, value]) => value)];
}

function publicNames({ changefeed, source, kafka }: Config): string[] {
  return [
    changefeed,
    ...(source.kind === 'postgres' ? [source.slot, source.publication] : []),
    ...source.tables,
    kafka.topic,
    kafka.deadLetterTopic ?? '',
    kafka.bootstrapServers,
    ...namesIn(source.url),
  ];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
