import { REDACTED, redactPatterns } from '../redact.ts';
import { isSecretProperty } from './kafka-properties.ts';
import { fileKeyOf, flagOf, variableOf, type Option, type OptionGroup } from './option.ts';
import { OPTIONS, type OptionKey } from './options.ts';
import type { ReadOptions } from './changefeeds.ts';

/** What the table does not say: the rules for all options, and for properties of librdkafka. */
export const OPTION_RULES: readonly string[] = [
  'An option is given on the command line (`--topic orders`), in the environment (`MILLRACE_TOPIC=orders`) or in the file that ' +
    'MILLRACE_CONFIG names (`topic`); the first of these that has it wins. MILLRACE_SINK_URI stands between environment and file.',
  'In a file, `-` and `_` are the same, and nested keys are joined with `_`: `source_url` may be written as `url` inside a block `source`. ' +
    'The blocks of other exporters (`kafka_config` with `ssl_config`, `export_config`, `advanced_config` with `producer_config` and ' +
    '`performance_tuning`) paste as they are; `batch_size` is bytes in `producer_config` and messages in `performance_tuning`. ' +
    'An option given under two of its names with different values is an error. `docs/millrace.example.yaml` is a whole file.',
  'Blocks `[[changefeed]]` in the file (a list of blocks under `changefeed`) are several changefeeds, each with its own options: what stands in a ' +
    'block wins over the environment, and what stands outside is for all. `--changefeed` then chooses one of them.',
  'Every secret also exists with `_FILE` behind its name: the path of a file that holds it. Secrets are never printed.',
  'Any property of librdkafka is passed through: `security.protocol` is `--kafka security.protocol=SASL_SSL`, ' +
    "MILLRACE_KAFKA_SECURITY_PROTOCOL, or `security.protocol` in the file's block `kafka`. " +
    'Properties that carry the guarantees are refused, with the rule that forbids them.',
  'All problems are reported at once. Unknown names are errors.',
];

/** One option in plain words, for `--json` and the tables. */
export interface OptionEntry {
  readonly variable: string;
  readonly flag: string;
  readonly fileKey: string;
  readonly aliases: readonly string[];
  readonly group: OptionGroup;
  readonly type: string;
  readonly accepted: string;
  readonly default: string | null;
  readonly required: boolean;
  readonly secret: boolean;
  readonly meaning: string;
}

export function optionEntries(): OptionEntry[] {
  return (Object.values(OPTIONS) as Option<unknown>[]).map((option) => ({
    variable: variableOf(option.name),
    flag: flagOf(option.name),
    fileKey: fileKeyOf(option.name),
    aliases: option.aliases.map(variableOf),
    group: option.group,
    type: option.type.name,
    accepted: option.type.accepted,
    default: option.required ? null : (option.defaultText ?? option.defaultMeaning),
    required: option.required,
    secret: option.secret,
    meaning: option.meaning,
  }));
}

/** The list that `millrace options` prints. */
export function optionsText(): string {
  const blocks = groups().map(([group, entries]) => `${group}\n\n${entries.map(entryText).join('\n')}`);
  return `${blocks.join('\n')}\n${OPTION_RULES.map((rule) => wrap(plain(rule), '')).join('\n\n')}\n`;
}

function entryText(entry: OptionEntry): string {
  const facts = [
    entry.type,
    ...(entry.required ? ['required'] : [`default: ${plain(entry.default ?? '')}`]),
    ...(entry.secret ? ['secret'] : []),
  ];
  const aliases = entry.aliases.length === 0 ? '' : `      also: ${entry.aliases.join(', ')}\n`;
  const sentences = [plain(entry.meaning), `Accepted: ${entry.accepted}.`].map((sentence) => `${wrap(sentence, '      ')}\n`).join('');
  return `  ${entry.variable}  ${entry.flag}\n      ${facts.join('; ')}\n${sentences}${aliases}`;
}

/** The short table of the README: every option in one row. */
export function optionsTable(): string {
  const rows = optionEntries().map((entry) => [code(entry.variable), defaultCell(entry), cell(entry.meaning)]);
  return table(['Variable', 'Default', 'Meaning'], rows);
}

/** The whole reference, `docs/options.md`. */
export function optionsReference(): string {
  const tables = groups().map(([group, entries]) => {
    const rows = entries.map((entry) => [
      [entry.variable, ...entry.aliases].map(code).join('<br>'),
      code(entry.flag),
      cell(`${entry.meaning}${entry.secret ? ' Secret.' : ''}`),
      cell(entry.accepted),
      defaultCell(entry),
    ]);
    return `## ${group}\n\n${table(['Variable', 'Flag', 'Meaning', 'Accepted', 'Default'], rows)}`;
  });
  return ['# Options', ...OPTION_RULES, ...tables].join('\n\n');
}

/** What is in force and where it comes from, secrets hidden: `millrace options --values`. */
export function valuesText(read: ReadOptions): string {
  const options = (Object.keys(OPTIONS) as OptionKey[]).map((key): [string, string, string] => {
    const { name, defaultMeaning } = OPTIONS[key] as Option<unknown>;
    const source = read.sources.get(key) ?? 'default';
    return [variableOf(name), shownValue(key, read.values[key]) ?? `(${plain(defaultMeaning ?? 'missing')})`, source];
  });
  const properties = Object.entries(read.properties).map(([name, value]): [string, string, string] => {
    return [name, isSecretProperty(name) ? REDACTED : redactPatterns(value), 'passed through to librdkafka'];
  });
  const rows = [...options, ...properties];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value, source]) => `${name.padEnd(width)}  ${value}  [${source}]\n`).join('');
}

function shownValue(key: OptionKey, value: unknown): string | null {
  if (value === null) return null;
  if (OPTIONS[key].secret) return REDACTED;
  return redactPatterns(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The entries by group, both in the table's order. */
function groups(): [OptionGroup, OptionEntry[]][] {
  const byGroup = new Map<OptionGroup, OptionEntry[]>();
  for (const entry of optionEntries()) byGroup.set(entry.group, [...(byGroup.get(entry.group) ?? []), entry]);
  return [...byGroup];
}

function defaultCell(entry: OptionEntry): string {
  return entry.required ? '**required**' : cell(entry.default ?? '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A star or bar in a cell would be read as markup outside code. */
function cell(text: string): string {
  return text
    .split('`')
    .map((part, i) => (i % 2 === 1 ? `\`${part.replaceAll('|', '\\|')}\`` : part.replace(/[*|<]/g, String.raw`\$&`)))
    .join('');
}

function code(text: string): string {
  return `\`${text}\``;
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** Lines of at most 100 columns, each after `indent`. */
function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > 100 && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}
