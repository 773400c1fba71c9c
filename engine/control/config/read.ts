import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errnoOf } from '../errno.ts';
import { redactPatterns } from '../redact.ts';
import { readOptionFile } from './file.ts';
import { givenByCommandLine, givenByEnvironment, type Given } from './given.ts';
import { isSecretProperty } from './kafka-properties.ts';
import { meaningOf, type NameMeaning } from './names.ts';
import { fileKeyOf, flagOf, variableOf } from './option.ts';
import { OPTIONS, type OptionKey, type OptionValues } from './options.ts';
import { Refused } from './parse.ts';
import { givenBySinkUri } from './sink-uri.ts';

/** Everything that configuration is read from. */
export interface ConfigInput {
  /** Arguments after the command's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** All that was given, parsed; `problems` is empty when it can be used. */
export interface ReadOptions {
  readonly values: OptionValues;
  /** librdkafka properties that are passed through. */
  readonly properties: Readonly<Record<string, string>>;
  /** Where the value of an option comes from: `MILLRACE_TOPIC`, `--topic`, `topic in conf.toml`; none for defaults. */
  readonly sources: ReadonlyMap<OptionKey, string>;
  /** Files that secrets were read from (`NAME_FILE`), by the option or by the librdkafka property. */
  readonly files: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

const NOT_SHOWN = 'a value that is not shown';

/** Values of one layer by what they mean: an option's key, or `kafka:` and a property. */
type Layer = ReadonlyMap<string, Given>;

/**
 * Reads command line, environment, sink URI and file (in this order of precedence), and collects every problem instead of stopping at the
 * first. `needed` are the options without which the caller cannot go on; a missing one is a problem. Nothing is thrown.
 */
export function readOptions(input: ConfigInput, needed: readonly OptionKey[]): ReadOptions {
  const problems: string[] = [];
  const warnings: string[] = [];
  const settle = (given: readonly Given[]): Layer => settleLayer(given, input.cwd, problems, warnings);
  const upper = [settle(givenByCommandLine(input.argv, problems)), settle(givenByEnvironment(input.env))];
  const config = firstOf(upper, 'config');
  const file = settle(config === undefined ? [] : readFile(config, input.cwd, problems));
  const uri = firstOf([...upper, file], 'sinkUri');
  const layers = [...upper, settle(uri === undefined ? [] : givenBySinkUri(uri, problems)), file];

  const values: Record<string, unknown> = {};
  const sources = new Map<OptionKey, string>();
  const files = new Map<string, string>();
  for (const key of Object.keys(OPTIONS) as OptionKey[]) {
    const given = firstOf(layers, key);
    if (given !== undefined) sources.set(key, given.source);
    if (given?.file !== undefined) files.set(key, given.file);
    values[key] = given === undefined ? missing(key, needed, input.cwd, problems) : parse(key, given, input.cwd, problems);
  }
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
  return { values: values as unknown as OptionValues, properties, sources, files, problems, warnings };
}

/** What the layer that wins gave. */
function firstOf(layers: readonly Layer[], key: OptionKey): Given | undefined {
  return layers.map((layer) => layer.get(key)).find((given) => given !== undefined);
}

/** Resolves the names of one layer; two names for one thing must agree. */
function settleLayer(given: readonly Given[], cwd: string, problems: string[], warnings: string[]): Layer {
  const layer = new Map<string, Given>();
  for (const one of given) {
    const meaning = meaningOf(one.name);
    if (meaning.kind === 'ignored') warnings.push(`${one.source} is ignored: ${meaning.reason}`);
    else if (meaning.kind === 'refused') problems.push(`${one.source}: ${meaning.reason}`);
    else if (meaning.kind === 'unknown') problems.push(unknown(one, meaning.nearest));
    else settleOne(layer, meaning, one, cwd, problems);
  }
  return layer;
}

function settleOne(
  layer: Map<string, Given>,
  meaning: Extract<NameMeaning, { inFile: boolean }>,
  one: Given,
  cwd: string,
  problems: string[],
): void {
  const id = meaning.kind === 'option' ? meaning.key : `kafka:${meaning.property}`;
  const secret = meaning.kind === 'option' ? OPTIONS[meaning.key].secret : isSecretProperty(meaning.property);
  const given = meaning.inFile ? readSecret(one, cwd, problems) : one;
  if (given === null) return;
  const other = layer.get(id);
  if (other !== undefined && other.text !== given.text) {
    const shown = secret ? 'two different values' : `${show(other.text)} and ${show(given.text)}`;
    problems.push(`${other.source} and ${given.source} mean the same and were given ${shown}: keep one of them`);
    return;
  }
  layer.set(id, given);
}

/** The content of a secret's file, without the line end that editors put there. Throws what the file system says. */
export function secretFrom(file: string): string {
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}

function readSecret(one: Given, cwd: string, problems: string[]): Given | null {
  const file = resolve(cwd, one.text);
  try {
    return { ...one, text: secretFrom(file), file };
  } catch (error) {
    problems.push(
      `${one.source}: the file ${show(one.text)} cannot be read (${errnoOf(error)}); ` +
        'accepted: a file that holds the secret and nothing else',
    );
    return null;
  }
}

function readFile(given: Given, cwd: string, problems: string[]): Given[] {
  try {
    const values = readOptionFile(resolve(cwd, given.text));
    const nested = values.find((value) => isFileName(value.name));
    if (nested !== undefined) problems.push(`${nested.source}: a file cannot name another file`);
    return values.filter((value) => value !== nested);
  } catch (error) {
    problems.push(`${given.source}: ${(error as Error).message}`);
    return [];
  }
}

function isFileName(name: string): boolean {
  const meaning = meaningOf(name);
  return meaning.kind === 'option' && meaning.key === 'config';
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

/** The value of an unknown name is never shown: it may be a misspelt secret. */
function unknown(one: Given, near: string | null): string {
  const hint = near === null ? '`millrace options` lists what there is' : `did you mean ${inNotationOf(one.source, near)}?`;
  return `${one.source} is not an option; ${hint}`;
}

function inNotationOf(source: string, name: string): string {
  if (source.startsWith('MILLRACE_')) return variableOf(name);
  if (source.startsWith('--kafka '))
    return `--kafka ${name
      .replace(/^KAFKA_/, '')
      .toLowerCase()
      .replaceAll('_', '.')}`;
  return source.startsWith('--') ? flagOf(name) : fileKeyOf(name);
}

/** A value that speaks of a password has most likely swallowed one, as a missing line end or quote makes it. */
function show(value: string): string {
  if (value === '') return 'nothing';
  if (isSecretProperty(value)) return NOT_SHOWN;
  return redactPatterns(JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}...` : value));
}
