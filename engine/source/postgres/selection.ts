import { nearest } from '../../base/nearest.ts';
import { shell, sql, words, type Remedy } from '../../base/remedy.ts';
import { nameSome, problem, warning, type Problem, type Warning } from '../problems.ts';
import { canBePublished, canOnlyBeRead, describeKind, displayName, quotedName, type Relation } from './relations.ts';
import { decideName, decidingPattern, isSystemSchema, matchesName, type TablePattern } from '../tables.ts';

/** A table that is exported, with everything below it. */
export interface SelectedTable {
  readonly relation: Relation;
  /** Where its rows lie: itself, or for a partitioned table all partitions that hold rows, at any depth. */
  readonly leaves: readonly Relation[];
  /** What it is a partition of itself, from its parent upwards; none of them is selected. */
  readonly ancestors: readonly Relation[];
}

export interface Selection {
  /** Ordered by name. A partition of a selected table is not among them: it goes with it. */
  readonly tables: readonly SelectedTable[];
  /** What can be read but has no changes in the log: foreign, unlogged tables, materialized views. None when only changes are wanted. */
  readonly readOnce: readonly SelectedTable[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/** What is wanted besides tables and their changes. */
export interface ReadOnce {
  /** Wildcards mean materialized views, too. */
  readonly mviews: boolean;
}

/**
 * Holds the list of patterns against the catalogue.
 * @param once null when only changes are wanted; else what has none is selected by its exact name
 */
export function selectTables(patterns: readonly TablePattern[], relations: readonly Relation[], once: ReadOnce | null = null): Selection {
  const tree = new PartitionTree(relations);
  const chosen = relations.filter((relation) => canBePublished(relation) && decideName(patterns, relation.schema, relation.table) === true);
  const isChosen = new Set(chosen.map(({ oid }) => oid));
  const tables = chosen
    .filter((relation) => !tree.ancestors(relation).some(({ oid }) => isChosen.has(oid)))
    .map((relation) => ({ relation, leaves: tree.leaves(relation), ancestors: tree.ancestors(relation) }));
  const readOnce = relations
    .filter((relation) => once !== null && canOnlyBeRead(relation) && isNamed(patterns, relation, once))
    .filter((relation) => !tree.ancestors(relation).some(({ oid }) => isChosen.has(oid)))
    .map((relation) => ({ relation, leaves: [relation], ancestors: tree.ancestors(relation) }));
  const problems = patterns.flatMap((pattern) => judgePattern(pattern, relations, once));
  if (tables.length + readOnce.length === 0 && problems.length === 0) {
    const message = `MILLRACE_TABLES selects no table: what \`${patterns.map(({ text }) => text).join(',')}\` matches is taken out again.`;
    problems.push(problem('TABLES_NO_MATCH', message, {}, LISTED));
  }
  return { tables, readOnce, problems, warnings: warningsOf(tables, readOnce, patterns, relations) };
}

/** One look-up structure over the partitions of all tables. */
export class PartitionTree {
  private readonly byOid = new Map<number, Relation>();
  private readonly children = new Map<number, Relation[]>();

  constructor(relations: readonly Relation[]) {
    for (const relation of relations) {
      this.byOid.set(relation.oid, relation);
      if (relation.parent === null) continue;
      const siblings = this.children.get(relation.parent);
      if (siblings === undefined) this.children.set(relation.parent, [relation]);
      else siblings.push(relation);
    }
  }

  /** What it is a partition of, from its parent upwards. */
  ancestors(relation: Relation): Relation[] {
    const found: Relation[] = [];
    let parent = relation.parent === null ? undefined : this.byOid.get(relation.parent);
    while (parent !== undefined) {
      found.push(parent);
      parent = parent.parent === null ? undefined : this.byOid.get(parent.parent);
    }
    return found;
  }

  /** Where its rows lie: itself, or the partitions that hold rows, at any depth. */
  leaves(relation: Relation): Relation[] {
    if (relation.kind !== 'p') return [relation];
    return (this.children.get(relation.oid) ?? []).flatMap((child) => this.leaves(child));
  }
}

/** Whether the list means this relation by its name, or by a wildcard that may. */
function isNamed(patterns: readonly TablePattern[], relation: Relation, { mviews }: ReadOnce): boolean {
  const pattern = decidingPattern(patterns, relation.schema, relation.table);
  if (pattern === null || pattern.excludes) return false;
  return (pattern.schema.exact !== null && pattern.table.exact !== null) || (mviews && relation.kind === 'm');
}

/** What lists the names that can be given. */
const LISTED = [shell('millrace objects')];

/** Each pattern must mean something that can be exported; one that takes out, anything at all. */
function judgePattern(pattern: TablePattern, relations: readonly Relation[], once: ReadOnce | null): Problem[] {
  const matched = relations.filter(({ schema, table }) => matchesName(pattern, schema, table));
  const details = { pattern: pattern.text };
  if (matched.length === 0) {
    return [problem('TABLES_NO_MATCH', `\`${pattern.text}\` matches no table. ${hint(pattern, relations)}`.trimEnd(), details, LISTED)];
  }
  if (pattern.excludes || matched.some(canBePublished)) return [];
  if (once !== null && matched.some((relation) => canOnlyBeRead(relation) && isNamed([pattern], relation, once))) return [];
  const found = matched.map((relation) => `${displayName(relation)} is ${describeKind(relation)}`);
  const remedy = once === null ? 'Only those of tables can.' : 'Name one exactly to read what it holds; views cannot be read.';
  const message = `\`${pattern.text}\` matches nothing whose changes can be exported: ${nameSome(found)}. ${remedy}`;
  return [problem('TABLE_UNSUPPORTED', message, details, LISTED)];
}

function hint(pattern: TablePattern, relations: readonly Relation[]): string {
  const { schema, table } = pattern;
  if (schema.exact !== null && isSystemSchema(schema.exact)) {
    return `Tables of ${schema.exact} are the server's own and cannot be exported.`;
  }
  if (schema.exact !== null && !relations.some((relation) => relation.schema === schema.exact)) {
    const near = nearest(schema.exact, new Set(relations.map((relation) => relation.schema)));
    if (table.exact === null) return `No schema ${schema.exact} holds a table${near === null ? '.' : `; do you mean ${near}?`}`;
  }
  if (table.exact === null) return '';
  const near = nearTables(`${schema.exact ?? ''}.${table.exact}`, table.exact, relations);
  return near.length === 0 ? '' : `Near it: ${near.join(', ')}.`;
}

/** Up to three tables that could have been meant: the same name in capitals or in another schema, then the nearest spelling. */
function nearTables(wanted: string, table: string, relations: readonly Relation[]): string[] {
  const names = relations.filter(canBePublished);
  const lower = wanted.toLowerCase();
  const sameLetters = names.filter((relation) => displayName(relation).toLowerCase() === lower);
  const elsewhere = names.filter((relation) => relation.table === table);
  const spelling = nearest(wanted, names.map(displayName));
  const all = [...sameLetters.map(displayName), ...elsewhere.map(displayName), ...(spelling === null ? [] : [spelling])];
  return [...new Set(all)].slice(0, 3);
}

function warningsOf(
  tables: readonly SelectedTable[],
  readOnce: readonly SelectedTable[],
  patterns: readonly TablePattern[],
  relations: readonly Relation[],
): Warning[] {
  const isRead = new Set(readOnce.map(({ relation }) => relation.oid));
  const warnings: Warning[] = [];
  const skipped = relations.filter(
    (relation) =>
      !isRead.has(relation.oid) &&
      relation.persistence === 'u' &&
      relation.parent === null &&
      decideName(patterns, relation.schema, relation.table) === true,
  );
  if (skipped.length > 0) {
    const message = `Not exported, because unlogged tables are not in the server's log: ${nameSome(skipped.map(displayName))}.`;
    warnings.push(warning('tables', message, skipped.flatMap(logged)));
  }
  for (const { relation, leaves } of tables) {
    const lost = leaves.filter((leaf) => !canBePublished(leaf));
    if (lost.length === 0) continue;
    const each = lost.map((leaf) => `${displayName(leaf)} is ${describeKind(leaf)}`);
    const message = `${displayName(relation)} has partitions whose changes are not in the server's log: ${nameSome(each)}.`;
    warnings.push(warning('partitions', message, lost.flatMap(logged)));
  }
  return warnings;
}

/** What brings the changes of a relation into the log. */
function logged(relation: Relation): Remedy[] {
  if (relation.persistence === 'u') return [sql(`ALTER TABLE ${quotedName(relation)} SET LOGGED;`)];
  return [words(`take ${displayName(relation)} out of MILLRACE_TABLES: its changes are those of another server`)];
}
