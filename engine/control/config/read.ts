import { resolve } from 'node:path';
import { chosen, distinct, divideMemory, namesOf, type BlockReading, type Readings, type ReadOptions } from './changefeeds.ts';
import { readOptionFile, type OptionFile } from './file.ts';
import { givenByCommandLine, givenByEnvironment, type Given } from './given.ts';
import { firstOf, settleLayer, type Findings, type Layer } from './layers.ts';
import { meaningOf } from './names.ts';
import { OPTIONS, type OptionKey } from './options.ts';
import { givenBySinkUri } from './sink-uri.ts';
import { readValue, readValues } from './values.ts';

/** Everything that configuration is read from. */
export interface ConfigInput {
  /** Arguments after the command's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * Reads the options of the one changefeed that is meant: all there is, or the one of several that `--changefeed` names.
 * `needed` are the options without which the caller cannot go on. Nothing is thrown: problems are collected.
 */
export function readOptions(input: ConfigInput, needed: readonly OptionKey[]): ReadOptions {
  const [first, ...others] = readChangefeeds(input, needed);
  if (others.length === 0) return first;
  const names = namesOf([first, ...others]);
  return { ...first, problems: [`there are several changefeeds: name the one that is meant with --changefeed; accepted: ${names}`] };
}

/**
 * Reads command line, environment, sink URI and file (in this order of precedence), and collects every problem instead of stopping at the
 * first. A file with blocks `[[changefeed]]` gives one reading for each of them, or the one that `--changefeed` names.
 * `needed` are the options without which the caller cannot go on; a missing one is a problem. Nothing is thrown.
 */
export function readChangefeeds(input: ConfigInput, needed: readonly OptionKey[]): Readings {
  const found: Findings = { problems: [], warnings: [] };
  const settle = (given: readonly Given[]): Layer => settleLayer(given, input.cwd, found);
  const commandLine = settle(givenByCommandLine(input.argv, found.problems));
  const environment = settle(givenByEnvironment(input.env));
  const config = firstOf([commandLine, environment], 'config');
  const content = config === undefined ? { options: [], changefeeds: [] } : readFile(config, input.cwd, found.problems);
  const file = settle(content.options);
  const shared: Shared = { commandLine, environment, file, found, needed, cwd: input.cwd };
  const [first, ...others] = content.changefeeds;
  if (first === undefined) return [readAlone(shared)];
  const budget = readValue('memory', firstOf([commandLine, environment, file], 'memory'), [], input.cwd, found.problems) as number | null;
  const readings = divideMemory(
    [readBlock(shared, first, 1), ...others.map((block, index) => readBlock(shared, block, index + 2))],
    budget,
  );
  return chosen(distinct(readings), firstOf([commandLine, environment], 'changefeed'));
}

/** What all changefeeds have in common. */
interface Shared {
  readonly commandLine: Layer;
  readonly environment: Layer;
  readonly file: Layer;
  readonly found: Findings;
  readonly needed: readonly OptionKey[];
  readonly cwd: string;
}

function readAlone({ commandLine, environment, file, found, needed, cwd }: Shared): ReadOptions {
  const uri = uriLayer(firstOf([commandLine, environment, file], 'sinkUri'), cwd, found);
  return { ...readValues([commandLine, environment, uri, file], needed, cwd, found.problems), label: null, ...found };
}

/** What one thing alone can have: no layer above the block gives it to all of them. */
const OF_BLOCK: readonly OptionKey[] = ['changefeed', 'memory'];

/** One of several: what stands in its block is more particular than the environment, and less than a command line. */
function readBlock(shared: Shared, block: readonly Given[], number: number): BlockReading {
  const { commandLine, environment, file, needed, cwd } = shared;
  const found: Findings = { problems: [...shared.found.problems], warnings: [...shared.found.warnings] };
  const own = ownLayer(block, cwd, found);
  const uriGiven = firstOf([commandLine, own, environment, file], 'sinkUri');
  const uri = uriLayer(uriGiven, cwd, found);
  const lower = own.get('sinkUri') === uriGiven ? [uri, nameless(environment), file] : [nameless(environment), uri, file];
  const particular: Layer = new Map(OF_BLOCK.flatMap((key) => (own.has(key) ? [[key, own.get(key) as Given]] : [])));
  const read = readValues([particular, nameless(commandLine), own, ...lower], needed, cwd, found.problems);
  if (!own.has('changefeed')) found.problems.push(`it has no name: changefeed; accepted: ${OPTIONS.changefeed.type.accepted}`);
  const hasName = own.has('changefeed') && read.values.changefeed !== null;
  return { ...read, label: `changefeed ${hasName ? read.values.changefeed : number}`, saysMemory: own.has('memory'), ...found };
}

/** On the command line and in the environment the name chooses one of the blocks. */
function nameless(layer: Layer): Layer {
  return new Map([...layer].filter(([meaning]) => meaning !== 'changefeed'));
}

/** The options of a block without those of the whole service, each of which is a problem. */
function ownLayer(block: readonly Given[], cwd: string, found: Findings): Layer {
  const layer = settleLayer(block, cwd, found);
  const isService = (meaning: string) => meaning in OPTIONS && isOfService(meaning as OptionKey);
  for (const [meaning, { source }] of layer) {
    if (isService(meaning)) found.problems.push(`${source} is an option of the service: give it outside of the changefeeds`);
  }
  return new Map([...layer].filter(([meaning]) => !isService(meaning)));
}

/** Options of the process that all changefeeds run in. */
function isOfService(key: OptionKey): boolean {
  return OPTIONS[key].group === 'Service' || key === 'shutdownTimeout';
}

function uriLayer(uri: Given | undefined, cwd: string, found: Findings): Layer {
  return settleLayer(uri === undefined ? [] : givenBySinkUri(uri, found.problems), cwd, found);
}

function readFile(given: Given, cwd: string, problems: string[]): OptionFile {
  try {
    const content = readOptionFile(resolve(cwd, given.text));
    const nested = content.options.find((value) => isFileName(value.name));
    if (nested !== undefined) problems.push(`${nested.source}: a file cannot name another file`);
    return { ...content, options: content.options.filter((value) => value !== nested) };
  } catch (error) {
    problems.push(`${given.source}: ${(error as Error).message}`);
    return { options: [], changefeeds: [] };
  }
}

function isFileName(name: string): boolean {
  const meaning = meaningOf(name);
  return meaning.kind === 'option' && meaning.key === 'config';
}
