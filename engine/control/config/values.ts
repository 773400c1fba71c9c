import { redactPatterns } from '../redact.ts';
import type { Given } from './given.ts';
import { firstOf, type Layer } from './layers.ts';
import { fileKeyOf, flagOf, variableOf } from './option.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import { Refused } from './parse.ts';
import { NOT_SHOWN, show } from './show.ts';

/** What layers say together. */
export interface ReadValues {
  readonly values: OptionValues;
  /** librdkafka properties that are passed through. */
  readonly properties: Readonly<Record<string, string>>;
  /** Where the value of an option comes from: `MILLRACE_TOPIC`, `--topic`, `topic in conf.toml`; none for defaults. */
  readonly sources: ReadonlyMap<OptionKey, string>;
  /** Files that secrets were read from (`NAME_FILE`), by the option or by the librdkafka property. */
  readonly files: ReadonlyMap<string, string>;
}

/** Parses every option as the first of `layers` that has it gives it. `needed` are those whose lack is a problem. */
export function readValues(layers: readonly Layer[], needed: readonly OptionKey[], cwd: string, problems: string[]): ReadValues {
  const values: Record<string, unknown> = {};
  const sources = new Map<OptionKey, string>();
  const files = new Map<string, string>();
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const given = firstOf(layers, key);
    if (given !== undefined) sources.set(key, given.source);
    if (given?.file !== undefined) files.set(key, given.file);
    values[key] = readValue(key, given, needed, cwd, problems);
  }
  return { values: values as unknown as OptionValues, properties: propertiesOf(layers, files), sources, files };
}

/** One option; null where there is none, or it is not accepted. */
export function readValue(
  key: OptionKey,
  given: Given | undefined,
  needed: readonly OptionKey[],
  cwd: string,
  problems: string[],
): unknown {
  return given === undefined ? missing(key, needed, cwd, problems) : parse(key, given, cwd, problems);
}

/** Properties of all layers, the first of which wins; the files that they were read from go into `files`. */
function propertiesOf(layers: readonly Layer[], files: Map<string, string>): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const layer of layers.toReversed()) {
    for (const [meaning, given] of layer) {
      if (!meaning.startsWith('kafka:')) continue;
      const property = meaning.slice('kafka:'.length);
      properties[property] = given.text;
      if (given.file === undefined) files.delete(property);
      else files.set(property, given.file);
    }
  }
  return properties;
}

function missing(key: OptionKey, needed: readonly OptionKey[], cwd: string, problems: string[]): unknown {
  const option = OPTIONS[key];
  if (option.defaultText !== null) return option.type.parse(option.defaultText, cwd);
  if (needed.includes(key)) {
    const names = `flag ${flagOf(option.name)}, file key ${fileKeyOf(option.name)}`;
    problems.push(`${variableOf(option.name)} is missing (${names}); accepted: ${option.type.accepted}`);
  }
  return null;
}

function parse(key: OptionKey, given: Given, cwd: string, problems: string[]): unknown {
  const option = OPTIONS[key];
  const value: unknown = option.type.parse(given.text, cwd);
  if (!(value instanceof Refused)) return value;
  const shown = option.secret && given.text !== '' ? NOT_SHOWN : show(given.text);
  const reason = value.reason === '' ? '' : ` ${redactPatterns(value.reason)}`;
  problems.push(`${given.source}: given ${shown},${reason} accepted: ${option.type.accepted}`);
  return null;
}
