import { MillraceError } from '../base/errors.ts';
import type { TableSchema } from '../change/table-schema.ts';

/** What a topic is named after. */
export type NamedAfter = Pick<TableSchema, 'database' | 'schema' | 'table'>;

/** Names of operations as messages have them, by `Operation`. */
const TYPES = ['insert', 'update', 'delete'] as const;
const PLACEHOLDER = /%\{([^}]*)\}/g;
const FIELDS: readonly string[] = ['database', 'schema', 'table', 'type'];
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** What is wrong with a template whatever the tables are called; null when nothing is. */
export function templateProblem(template: string): string | null {
  const unknown = [...template.matchAll(PLACEHOLDER)].find(([, field]) => !FIELDS.includes(field!));
  if (unknown !== undefined) return `${unknown[0]} stands for nothing;`;
  return NAME.test(template.replace(PLACEHOLDER, 'x')) ? null : '';
}

/** Whether the topic depends on the table; else the template is the topic's name. */
export function isTemplate(template: string): boolean {
  return template.includes('%{');
}

/** Whether insert, update and delete of a row go to different topics. */
export function dependsOnType(template: string): boolean {
  return template.includes('%{type}');
}

/** Matches every name that the template can give. */
export function topicPattern(template: string): RegExp {
  const literals = template.split(/%\{[^}]*\}/).map((literal) => literal.replace(/[.]/g, '\\.'));
  return new RegExp(`^${literals.join('.*')}$`);
}

/** The template with nothing in the place of the operation. */
export function withoutType(template: string): string {
  return template.replaceAll('%{type}', '');
}

/**
 * The topics of a table, by `Operation`.
 * @param variable whose template it is, for the error
 * @throws MillraceError TOPIC_NAME_INVALID when Kafka has no such names
 */
export function topicNames(template: string, { database, schema, table }: NamedAfter, variable = 'MILLRACE_TOPIC'): string[] {
  return TYPES.map((type) => {
    const fields: Readonly<Record<string, string>> = { database, schema, table, type };
    // A function, because `$` in a replacement text would mean something.
    const name = template.replace(PLACEHOLDER, (_, field: string) => fields[field]!);
    if (NAME.test(name)) return name;
    throw new MillraceError(
      'TOPIC_NAME_INVALID',
      `${schema}.${table} of the database ${database} would go to the topic "${name}": Kafka takes letters, digits, . _ - in a name, at most 249, ` +
        `and not . or .. alone. Change ${variable}, or leave the table out of MILLRACE_TABLES`,
      { table: `${schema}.${table}`, topic: name },
    );
  });
}
