import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type * as SmolToml from 'smol-toml';
import type * as Yaml from 'yaml';
import { errnoOf } from '../errno.ts';
import { inCapitals, type Given } from './given.ts';
import { meaningOf } from './names.ts';

const load = createRequire(import.meta.url);

/** Blocks of other exporters' files: their names count for nothing, or stand for `KAFKA_`. Tried in this order. */
const BLOCKS: readonly (readonly [block: string, prefixes: readonly string[]])[] = [
  ['EXPORT_CONFIG_', ['']],
  ['ADVANCED_CONFIG_', ['']],
  ['KAFKA_CONFIG_', ['KAFKA_', '']],
  ['KAFKA_SSL_CONFIG_', ['KAFKA_']],
  ['PRODUCER_CONFIG_', ['', 'KAFKA_']],
  ['PERFORMANCE_TUNING_', ['', 'KAFKA_']],
];

/**
 * Reads a .toml, .yaml, .yml or .json file of options.
 * Throws an `Error` that names the file and the place, and never a piece of the content, which may be a secret.
 */
export function readOptionFile(file: string): Given[] {
  const document = parseDocument(file, readText(file));
  if (document === null || document === undefined || document === '') return [];
  if (!isBlock(document)) throw new Error(`${file}: accepted: keys with values at the top level`);
  const given: Given[] = [];
  flatten(document, [], file, given);
  return given;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: it cannot be read (${errnoOf(error)})`, { cause: error });
  }
}

/** The parsers are loaded for the one format that is used: yaml alone costs 6 MB of memory. */
function parseDocument(file: string, content: string): unknown {
  switch (extname(file).toLowerCase()) {
    case '.json':
      return parseJson(file, content);
    case '.toml':
      return parseToml(file, content);
    case '.yaml':
    case '.yml':
      return parseYaml(file, content);
    default:
      throw new Error(`${file}: accepted: a name that ends in .toml, .yaml, .yml or .json`);
  }
}

function parseJson(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    // The message of the cause holds a piece of the content: only its position is used.
    const position = /position (\d+)/.exec(String(error))?.[1];
    const before = content.slice(0, Number(position ?? content.length));
    throw malformed(file, 'JSON', before.split('\n').length, before.length - before.lastIndexOf('\n'));
  }
}

function parseToml(file: string, content: string): unknown {
  const toml = load('smol-toml') as typeof SmolToml;
  try {
    return toml.parse(content);
  } catch (error) {
    if (error instanceof toml.TomlError) throw malformed(file, 'TOML', error.line, error.column);
    throw error;
  }
}

/** Scalars stay the text that they are in the file: an unquoted password of digits keeps its zeros. */
function parseYaml(file: string, content: string): unknown {
  const yaml = load('yaml') as typeof Yaml;
  const document = yaml.parseDocument(content, { schema: 'failsafe' });
  const error = document.errors[0];
  if (error !== undefined) {
    const place = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw malformed(file, `YAML (${error.code})`, place.line, place.col);
  }
  try {
    return document.toJS();
  } catch {
    throw new Error(
      `${file}: not valid YAML: an alias (\`*name\`) without its anchor, or too many of them; a text that begins with * goes in quotes`,
    );
  }
}

function malformed(file: string, format: string, line: number, column: number): Error {
  return new Error(`${file}: line ${line}, column ${column}: not valid ${format}`);
}

function flatten(block: Record<string, unknown>, path: readonly string[], file: string, given: Given[]): void {
  for (const [key, value] of Object.entries(block)) {
    const here = [...path, key];
    if (isBlock(value)) {
      flatten(value, here, file, given);
    } else {
      given.push({ source: `${here.join('.')} in ${file}`, name: nameOf(here), text: scalarText(value) });
    }
  }
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A list becomes what the environment variable would hold. Rules (lists of blocks) are refused by name; their text does not matter. */
function scalarText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(scalarText).join(',');
  return typeof value === 'object' ? 'rules' : `${value as string | number | boolean}`;
}

/** `kafka_config.sasl_username` is `KAFKA_SASL_USERNAME`: dots, dashes and nesting are all `_`; the first reading that is known wins. */
function nameOf(path: readonly string[]): string {
  const whole = inCapitals(path.join('_'));
  const readings = readingsOf(whole);
  return readings.find((name) => meaningOf(name).kind !== 'unknown') ?? readings.at(-1) ?? whole;
}

function readingsOf(name: string): string[] {
  const block = BLOCKS.find(([candidate]) => name.startsWith(candidate));
  if (block === undefined) return [name];
  const rest = name.slice(block[0].length);
  return [name, ...block[1].flatMap((prefix) => readingsOf(prefix + rest))];
}
