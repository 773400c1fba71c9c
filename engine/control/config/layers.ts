import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errnoOf } from '../errno.ts';
import type { Given } from './given.ts';
import { isSecretProperty } from './kafka-properties.ts';
import { meaningOf, type NameMeaning } from './names.ts';
import { fileKeyOf, flagOf, variableOf } from './option.ts';
import { OPTIONS, type OptionKey } from './options.ts';
import { show } from './show.ts';

/** Values of one layer by what they mean: an option's key, or `kafka:` and a property. */
export type Layer = ReadonlyMap<string, Given>;

/** Where what is wrong, and what may surprise, is collected. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** What the layer that wins gave. */
export function firstOf(layers: readonly Layer[], key: OptionKey): Given | undefined {
  return layers.map((layer) => layer.get(key)).find((given) => given !== undefined);
}

/** Resolves the names of one layer; two names for one thing must agree. */
export function settleLayer(given: readonly Given[], cwd: string, { problems, warnings }: Findings): Layer {
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
function secretFrom(file: string): string {
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
