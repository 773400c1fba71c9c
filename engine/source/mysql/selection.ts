import { nearest } from '../../base/nearest.ts';
import { sql } from '../../base/remedy.ts';
import { nameSome, problem, type Problem } from '../problems.ts';
import { decideName, matchesName, type TablePattern } from '../tables.ts';
import type { Session } from './connection.ts';
import type { ServerIdentity } from './identity.ts';

/** Something that has rows, as the catalogue names it. */
export interface CatalogTable {
  readonly database: string;
  readonly table: string;
  readonly kind: TableKind;
}

/** `BASE TABLE`, `VIEW`, `SYSTEM VERSIONED`, `SEQUENCE` ... of information_schema. */
export type TableKind = 'table' | 'view' | 'sequence';

const SYSTEM_DATABASES: ReadonlySet<string> = new Set(['mysql', 'information_schema', 'performance_schema', 'sys']);

/** Whether a database belongs to the server; wildcards never mean it. */
export function isSystemDatabase(name: string): boolean {
  return SYSTEM_DATABASES.has(name.toLowerCase());
}

export interface Selection {
  /** Ordered by name. */
  readonly tables: readonly CatalogTable[];
  readonly problems: readonly Problem[];
}

/** Whether the changes of a table are exported, by its name alone: it may be one that is made later. */
export function selects(patterns: readonly TablePattern[], database: string, table: string): boolean {
  return decideName(patterns, database, table, isSystemDatabase) === true;
}

const TABLES = `
  SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS kind FROM information_schema.TABLES
   WHERE TABLE_TYPE NOT IN ('SYSTEM VIEW', 'TEMPORARY') ORDER BY 1, 2`;

/** All that the account may see: tables without a privilege of it are not there for it. */
export async function readTables(side: Session): Promise<CatalogTable[]> {
  const rows = await side.query(TABLES);
  return rows.map((row) => ({ database: row['db'] ?? '', table: row['name'] ?? '', kind: kindOf(row['kind'] ?? '') }));
}

/** Names of those of the tables that have a primary key. Asked apart and of their databases alone: the server opens every table for it. */
export async function readKeyed(side: Session, tables: readonly CatalogTable[]): Promise<Set<string>> {
  const databases = [...new Set(tables.map(({ database }) => database))];
  if (databases.length === 0) return new Set();
  const rows = await side.query(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.STATISTICS
      WHERE INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1 AND TABLE_SCHEMA IN (${databases.map(() => '?').join(', ')})`,
    databases,
  );
  return new Set(rows.map((row) => displayName({ database: row['db'] ?? '', table: row['name'] ?? '' })));
}

/** Storage engines without transactions, by the names of those of the tables that have one. Asked apart, as keys are. */
export async function readEngines(side: Session, tables: readonly CatalogTable[]): Promise<Map<string, string>> {
  const databases = [...new Set(tables.map(({ database }) => database))];
  if (databases.length === 0) return new Map();
  const rows = await side.query(
    `SELECT t.TABLE_SCHEMA AS db, t.TABLE_NAME AS name, e.ENGINE AS engine FROM information_schema.TABLES t
       JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
      WHERE NOT (e.TRANSACTIONS <=> 'YES') AND t.TABLE_SCHEMA IN (${databases.map(() => '?').join(', ')})`,
    databases,
  );
  return new Map(rows.map((row) => [displayName({ database: row['db'] ?? '', table: row['name'] ?? '' }), row['engine'] ?? '']));
}

/** By the type that information_schema gives. */
export function kindOf(type: string): TableKind {
  if (type === 'VIEW') return 'view';
  return type === 'SEQUENCE' ? 'sequence' : 'table';
}

/** Holds the list of patterns against the catalogue. */
export function selectTables(patterns: readonly TablePattern[], all: readonly CatalogTable[], server: ServerIdentity): Selection {
  const tables = all.filter(({ database, table, kind }) => kind === 'table' && selects(patterns, database, table));
  const problems = patterns.flatMap((pattern) => judgePattern(pattern, all, server));
  if (tables.length === 0 && problems.length === 0) {
    const message = `MILLRACE_TABLES selects no table: what \`${patterns.map(({ text }) => text).join(',')}\` matches is taken out again.`;
    problems.push(problem('TABLES_NO_MATCH', message));
  }
  return { tables, problems };
}

/** Each pattern must mean something that can be exported; one that takes out, anything at all. */
function judgePattern(pattern: TablePattern, all: readonly CatalogTable[], { account }: ServerIdentity): Problem[] {
  const matched = all.filter(({ database, table }) => matchesName(pattern, database, table, isSystemDatabase));
  const details = { pattern: pattern.text };
  if (matched.length === 0) {
    const grant = `GRANT SELECT ON ${targetOf(pattern)} TO ${account};`;
    const message = `\`${pattern.text}\` matches no table that the account may see. ${hint(pattern, all)}If it is there, run: ${grant}`;
    return [problem('TABLES_NO_MATCH', message, details, [sql(grant)])];
  }
  if (pattern.excludes || matched.some(({ kind }) => kind === 'table')) return [];
  const found = matched.map((each) => `${displayName(each)} is a ${each.kind}`);
  const message = `\`${pattern.text}\` matches nothing whose changes can be exported: ${nameSome(found)}. Only those of tables can.`;
  return [problem('TABLE_UNSUPPORTED', message, details)];
}

/** What a GRANT names for a pattern. */
function targetOf({ schema, table }: TablePattern): string {
  if (schema.exact === null) return '*.*';
  return table.exact === null ? `${quoted(schema.exact)}.*` : `${quoted(schema.exact)}.${quoted(table.exact)}`;
}

function hint({ schema, table }: TablePattern, all: readonly CatalogTable[]): string {
  const names = all.filter(({ kind }) => kind === 'table');
  if (table.exact === null) {
    const near = schema.exact === null ? null : nearest(schema.exact, [...new Set(names.map(({ database }) => database))]);
    return near === null || near === schema.exact ? '' : `Near it: ${near}. `;
  }
  const wanted = `${schema.exact ?? ''}.${table.exact}`;
  const lower = wanted.toLowerCase();
  const sameLetters = names.filter((each) => displayName(each).toLowerCase() === lower);
  const elsewhere = names.filter((each) => each.table === table.exact);
  const spelling = nearest(wanted, names.map(displayName));
  const near = [...sameLetters.map(displayName), ...elsewhere.map(displayName), ...(spelling === null ? [] : [spelling])];
  return near.length === 0 ? '' : `Near it: ${[...new Set(near)].slice(0, 3).join(', ')}. `;
}

/** `database.table`, as messages show it. */
export function displayName({ database, table }: Pick<CatalogTable, 'database' | 'table'>): string {
  return `${database}.${table}`;
}

/** The same as statements take it. */
export function quotedName({ database, table }: Pick<CatalogTable, 'database' | 'table'>): string {
  return `${quoted(database)}.${quoted(table)}`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
