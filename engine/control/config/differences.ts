import { isDeepStrictEqual } from 'node:util';
import type { ReadOptions } from './changefeeds.ts';
import { variableOf } from './option.ts';
import { OPTIONS, type OptionKey } from './options.ts';

/** Options that a running changefeed takes from a configuration that is read again; any other needs a start. */
export const RUNTIME_OPTIONS: readonly OptionKey[] = ['tables'];

/**
 * What differs between two readings of one changefeed beyond `RUNTIME_OPTIONS`, by the names of the environment. Secrets that come out of
 * the same files as before do not count: whoever logs in reads those files anew.
 */
export function fixedDifferences(before: ReadOptions, after: ReadOptions): string[] {
  const options = (Object.keys(OPTIONS) as OptionKey[])
    .filter((key) => !RUNTIME_OPTIONS.includes(key) && !isFromSameFile(key, before, after))
    .filter((key) => !isDeepStrictEqual(before.values[key], after.values[key]));
  const properties = [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])]
    .filter((name) => !isFromSameFile(name, before, after))
    .filter((name) => before.properties[name] !== after.properties[name]);
  return [
    ...options.map((key) => variableOf(OPTIONS[key].name)),
    ...properties.map((name) => variableOf(`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`)),
  ];
}

function isFromSameFile(name: string, before: ReadOptions, after: ReadOptions): boolean {
  const file = before.files.get(name);
  return file !== undefined && file === after.files.get(name);
}
