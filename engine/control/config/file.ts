import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type * as SmolToml from 'smol-toml';
import type * as Yaml from 'yaml';
import { errnoOf } from '../errno.ts';
import { inCapitals, type Given } from './given.ts';
import { isBlockName } from './names.ts';

const load = createRequire(import.meta.url);

/** Far more than all options take; a file beyond it is not what was meant. */
const FILE_BYTES_MAX = 1_000_000;
/** Blocks within blocks; the deepest that means something has four. */
const DEPTH_MAX = 20;

/** The key whose list of blocks stands for several changefeeds. */
const CHANGEFEED_KEY = 'changefeed';

/** What a file gives. */
export interface OptionFile {
  readonly options: readonly Given[];
  /** The options of each block `[[changefeed]]`, in their order; none in a file without. */
  readonly changefeeds: readonly (readonly Given[])[];
}

/**
 * Reads a .toml, .yaml, .yml or .json file of options.
 * Throws an `Error` that names the file and the place, and never a piece of the content, which may be a secret.
 */
export function readOptionFile(file: string): OptionFile {
  const document = parseDocument(file, readText(file));
  if (document === null || document === undefined || document === '') return { options: [], changefeeds: [] };
  if (!isBlock(document)) throw new Error(`${file}: accepted: keys with values at the top level`);
  const lists = Object.entries(document).filter(([key, value]) => inCapitals(key) === inCapitals(CHANGEFEED_KEY) && Array.isArray(value));
  const outside = Object.fromEntries(Object.entries(document).filter(([key]) => !lists.some(([listed]) => listed === key)));
  return {
    options: given(outside, [], file),
    changefeeds: lists.flatMap(([, list]) => blocksOf(list, file).map((block) => given(block, [CHANGEFEED_KEY], file))),
  };
}

function blocksOf(list: unknown, file: string): readonly Record<string, unknown>[] {
  if (Array.isArray(list) && list.length > 0 && list.every(isBlock)) return list;
  throw new Error(`${file}: ${CHANGEFEED_KEY}: accepted: a name, or for several changefeeds a list of blocks with the options of each`);
}

/** The options of a block. `within` is what stands in front of their keys where they are shown. */
function given(block: Record<string, unknown>, within: readonly string[], file: string): Given[] {
  const found: Given[] = [];
  flatten(block, [], { within, file }, found);
  return found;
}

function readText(file: string): string {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw new Error(`${file}: it cannot be read (${errnoOf(error)})`, { cause: error });
  }
  if (content.length > FILE_BYTES_MAX) throw new Error(`${file}: it has ${content.length} bytes; accepted: at most ${FILE_BYTES_MAX}`);
  if (!isUtf8(content)) throw new Error(`${file}: it is not UTF-8 text`);
  return content.toString('utf8');
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
  if (isDeepYaml(yaml, content)) throw tooDeep(file);
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

/**
 * Looked at before anything is composed: composing calls itself for each level, and a stack that ends inside a regular expression takes
 * the process with it. The parser below it keeps a stack of its own, at most two entries a level.
 */
function isDeepYaml(yaml: typeof Yaml, content: string): boolean {
  const parser = new yaml.Parser();
  for (const lexeme of new yaml.Lexer().lex(content)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > 2 * DEPTH_MAX + 2) return true;
  }
  return false;
}

function tooDeep(file: string): Error {
  return new Error(`${file}: accepted: at most ${DEPTH_MAX} blocks or lists in one another`);
}

function malformed(file: string, format: string, line: number, column: number): Error {
  return new Error(`${file}: line ${line}, column ${column}: not valid ${format}`);
}

interface Place {
  readonly within: readonly string[];
  readonly file: string;
}

function flatten(block: Record<string, unknown>, path: readonly string[], place: Place, found: Given[]): void {
  const { within, file } = place;
  if (path.length > DEPTH_MAX) throw tooDeep(file);
  for (const [key, value] of Object.entries(block)) {
    const here = [...path, key];
    const name = inCapitals(here.join('_'));
    if (isBlock(value)) {
      flatten(value, here, place, found);
    } else if (!isEmpty(value) || !isBlockName(name)) {
      found.push({ source: `${shown([...within, ...here])} in ${file}`, name, text: scalarText(value, 0, file) });
    }
  }
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** `kafka_config:` with nothing in it. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** A list becomes what the environment variable would hold. Rules (lists of blocks) are refused by name; their text does not matter. */
function scalarText(value: unknown, depth: number, file: string): string {
  if (depth > DEPTH_MAX) throw tooDeep(file);
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map((item) => scalarText(item, depth + 1, file)).join(',');
  return typeof value === 'object' ? 'rules' : `${value as string | number | boolean}`;
}

/** A key as far as it is a name: `sasl_password:secret` without its blank is a key too. */
function shown(path: readonly string[]): string {
  const key = path.join('.');
  const name = /^[\w.-]{0,100}/.exec(key)?.[0] ?? '';
  return name === key ? key : `${name}...`;
}
