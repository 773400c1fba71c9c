import { MillraceError } from '../base/errors.ts';

/**
 * Which tables are exported: the language of `MILLRACE_TABLES`.
 *
 * | written | means |
 * |---|---|
 * | `shop.orders` | the table `orders` of the schema `shop` |
 * | `orders` | the same of the default schema: `public`, on MariaDB and MySQL the database of the URL |
 * | `shop.*`, `*.*` | every table of the schema `shop`; of every schema but the system's |
 * | `shop.order_????`, `tenant_*.orders` | `*` stands for any characters, `?` for one; neither crosses the dot |
 * | `shop."odd.name, really"` | in double quotes everything stands for itself; `""` is one quote |
 * | `shop.*, !shop.audit_*` | `!` takes out again: of all patterns that match a table the last one decides |
 *
 * Names are compared as the catalogue spells them, capitals included; nothing is folded to lower case. A partition goes with its table,
 * unless a pattern of its own takes it out. A wildcard never means views, foreign, unlogged, temporary or system tables.
 * A pattern that matches nothing is an error, for `!` too. An empty list is an error: every table is `*.*`.
 */
export const TABLES_HELP =
  'The tables, separated by commas: `schema.table`; without a dot the schema is `public`. ' +
  '`*` stands for any characters of a name, `?` for one; ' +
  '`*.*` is every table. `!` before a pattern takes tables out again: the last pattern that matches decides. ' +
  'Names with other characters than letters, digits, `_`, `$`, `-` go in double quotes: `shop."odd.name"`. ' +
  'Names are compared as the catalogue spells them. Empty is an error, and so is a pattern that matches nothing.';

/** One entry of the list. */
export interface TablePattern {
  /** As it was given. */
  readonly text: string;
  readonly excludes: boolean;
  readonly schema: NamePattern;
  readonly table: NamePattern;
}

/** A pattern for one name. */
export interface NamePattern {
  /** The name itself when there is no wildcard, else null. */
  readonly exact: string | null;
  readonly expression: RegExp;
}

const BARE = /^[\p{L}\p{M}\p{N}_$-]$/u;
const SYSTEM_SCHEMA = /^(pg_.*|information_schema)$/s;

/** Whether a schema belongs to the server; wildcards never mean it. */
export type IsSystemSchema = (schema: string) => boolean;

/** As PostgreSQL has them. */
export function isSystemSchema(schema: string): boolean {
  return SYSTEM_SCHEMA.test(schema);
}

/**
 * Reads the list.
 * @param defaultSchema of names without a dot; null when there is none
 * @throws MillraceError `TABLES_SYNTAX` that tells of every entry that cannot be read
 */
export function parseTablePatterns(entries: readonly string[], defaultSchema: string | null = 'public'): TablePattern[] {
  const patterns: TablePattern[] = [];
  const wrong: string[] = [];
  for (const text of entries) {
    const parsed = parseEntry(text.trim(), defaultSchema);
    if (typeof parsed === 'string') wrong.push(`\`${text}\`: ${parsed}`);
    else patterns.push(parsed);
  }
  if (wrong.length === 0 && !patterns.some((pattern) => !pattern.excludes)) {
    wrong.push('the list names no table to export; begin with `*.*` to export every table but those taken out');
  }
  if (wrong.length === 0) return patterns;
  throw new MillraceError('TABLES_SYNTAX', `MILLRACE_TABLES cannot be read: ${wrong.join('; ')}.`, { given: entries.join(',') });
}

/** Whether a pattern means this table by its name; what kind of relation it is, is asked elsewhere. */
export function matchesName(pattern: TablePattern, schema: string, table: string, isSystem: IsSystemSchema = isSystemSchema): boolean {
  if (pattern.schema.exact === null && isSystem(schema)) return false;
  return pattern.schema.expression.test(schema) && pattern.table.expression.test(table);
}

/** The pattern that decides about a name: the last that matches; null when none does. */
export function decidingPattern(
  patterns: readonly TablePattern[],
  schema: string,
  table: string,
  isSystem: IsSystemSchema = isSystemSchema,
): TablePattern | null {
  return patterns.findLast((pattern) => matchesName(pattern, schema, table, isSystem)) ?? null;
}

/** What the list says of a name: true in, false taken out, null not mentioned. */
export function decideName(
  patterns: readonly TablePattern[],
  schema: string,
  table: string,
  isSystem: IsSystemSchema = isSystemSchema,
): boolean | null {
  const pattern = decidingPattern(patterns, schema, table, isSystem);
  return pattern === null ? null : !pattern.excludes;
}

/** A table by name, as the catalogue spells it. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** Reads the name of one table, `schema.table` or `table` of the schema `public`, quoted as in a pattern; null for anything else. */
export function parseTableName(text: string): TableName | null {
  const parsed = parseEntry(text.trim(), 'public');
  if (typeof parsed === 'string' || parsed.excludes) return null;
  const { schema, table } = parsed;
  return schema.exact === null || table.exact === null ? null : { schema: schema.exact, table: table.exact };
}

/** The pattern that takes one table out. */
export function takingOut({ schema, table }: TableName): TablePattern {
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  return parseEntry(`!${quoted(schema)}.${quoted(table)}`, null) as TablePattern;
}

/**
 * Whether rows of a relation are exported. `lineage` is the relation itself, then what it is a partition of, up to the topmost:
 * the first of them that the list mentions decides.
 */
export function decideRelation(patterns: readonly TablePattern[], lineage: readonly TableName[]): boolean {
  for (const { schema, table } of lineage) {
    const decision = decideName(patterns, schema, table);
    if (decision !== null) return decision;
  }
  return false;
}

function parseEntry(text: string, defaultSchema: string | null): TablePattern | string {
  const excludes = text.startsWith('!');
  const parts = splitParts(excludes ? text.slice(1).trimStart() : text);
  if (typeof parts === 'string') return parts;
  if (parts.length > 2) return 'a pattern has one dot, between schema and table; a dot within a name goes in double quotes';
  const names: NamePattern[] = [];
  for (const part of parts) {
    const name = parseName(part);
    if (typeof name === 'string') return name;
    names.push(name);
  }
  const table = names.at(-1)!;
  const schema = names.length === 2 ? names[0]! : defaultSchema === null ? null : exactly(defaultSchema);
  return schema === null ? 'it names no database, and the source URL has none' : { text, excludes, schema, table };
}

function exactly(name: string): NamePattern {
  return { exact: name, expression: new RegExp(`^${escaped(name)}$`, 's') };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** Cuts at dots outside quotes. */
function splitParts(text: string): string[] | string {
  const parts = [''];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === '.' && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return quoted ? 'a double quote is not closed' : parts;
}

function parseName(part: string): NamePattern | string {
  if (part === '' || part === '""') return 'a name is empty';
  let exact = '';
  let expression = '';
  let hasWildcard = false;
  const segments = part.match(/"(?:[^"]|"")*"|[^"]/gsu) ?? [];
  for (const segment of segments) {
    if (segment === '*' || segment === '?') {
      hasWildcard = true;
      expression += segment === '*' ? '.*' : '.';
      continue;
    }
    const literal = segment.startsWith('"') ? segment.slice(1, -1).replaceAll('""', '"') : segment;
    if (!segment.startsWith('"') && !BARE.test(segment)) return `the character \`${segment}\` must stand in double quotes`;
    exact += literal;
    expression += escaped(literal);
  }
  return { exact: hasWildcard ? null : exact, expression: new RegExp(`^${expression}$`, 'su') };
}
