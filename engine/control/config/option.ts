import type { ValueType } from './parse.ts';

/** Where an option stands in the documentation. */
export type OptionGroup = 'Source' | 'Kafka' | 'Messages' | 'State and restart' | 'Resources' | 'Service' | 'Bench';

/** What one option is, stated once: parsing, validation, `--help`, `millrace options` and the README's table come from it. */
export interface Option<T> {
  /**
   * The canonical name in capitals, `SOURCE_URL`. The environment variable is `MILLRACE_SOURCE_URL`, the flag `--source-url`,
   * the file's key `source_url` (or `source-url`, or `url` inside a block `source`).
   */
  readonly name: string;
  /** Other names with the same meaning, in the same notation. */
  readonly aliases: readonly string[];
  readonly group: OptionGroup;
  readonly type: ValueType<T>;
  /** Text that is parsed when nothing is given; null when there is no such text. */
  readonly defaultText: string | null;
  /** True when a start without it is an error. */
  readonly required: boolean;
  /** What happens without it, for options whose default is worked out at start. */
  readonly defaultMeaning: string | null;
  /** Never printed; `<name>_FILE` names a file to read it from. */
  readonly secret: boolean;
  /** One or two sentences. */
  readonly meaning: string;
}

interface Described {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: OptionGroup;
  readonly secret?: boolean;
  readonly meaning: string;
}

/** An option that must be given. */
export function required<T>(type: ValueType<T>, described: Described): Option<T> & { readonly required: true } {
  return { ...base(type, described), required: true };
}

/** An option with a default that is written as a user would write it. */
export function withDefault<T>(
  type: ValueType<T>,
  defaultText: string,
  described: Described,
): Option<T> & { readonly defaultText: string } {
  return { ...base(type, described), defaultText };
}

/** An option that may be left out; `defaultMeaning` says what then happens. */
export function optional<T>(type: ValueType<T>, defaultMeaning: string, described: Described): Option<T> {
  return { ...base(type, described), defaultMeaning };
}

function base<T>(type: ValueType<T>, described: Described): Option<T> {
  return {
    name: described.name,
    aliases: described.aliases ?? [],
    group: described.group,
    type,
    defaultText: null,
    required: false,
    defaultMeaning: null,
    secret: described.secret ?? false,
    meaning: described.meaning,
  };
}

/** The value of an option after parsing: never null where it is required or has a default. */
export type ValueOf<O> = O extends { readonly required: true } & Option<infer T>
  ? T
  : O extends { readonly defaultText: string } & Option<infer T>
    ? T
    : O extends Option<infer T>
      ? T | null
      : never;

export function variableOf(name: string): string {
  return `MILLRACE_${name}`;
}

export function flagOf(name: string): string {
  return `--${name.toLowerCase().replaceAll('_', '-')}`;
}

export function fileKeyOf(name: string): string {
  return name.toLowerCase();
}
