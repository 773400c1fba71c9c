import type { ClientBase } from 'pg';
import { sql, type Remedy } from '../../base/remedy.ts';
import { problem, type Problem } from '../problems.ts';
import { canBePublished, describeKind, displayName, quotedName, type Relation } from './relations.ts';
import type { SelectedTable } from './selection.ts';
import { SIGNAL_COLUMNS } from './signals.ts';
import type { TableName } from '../tables.ts';

/** The signal table as the catalogue has it. */
export interface SignalFinding {
  /** What the publication has besides the tables that are exported; null without one, or where it cannot be used. */
  readonly table: SelectedTable | null;
  readonly problems: readonly Problem[];
}

/** Looks for the signal table that the options name. It is never read, so that no privilege but to publish it is needed. */
export async function findSignalTable(client: ClientBase, relations: readonly Relation[], name: TableName | null): Promise<SignalFinding> {
  if (name === null) return { table: null, problems: [] };
  const relation = relations.find(({ schema, table }) => schema === name.schema && table === name.table);
  if (relation === undefined) return refused(name, 'does not exist', [sql(createStatement(name))]);
  if (!canBePublished(relation) || relation.kind === 'p' || relation.parent !== null) {
    const kind = relation.parent === null ? describeKind(relation) : 'a partition';
    return refused(name, `is ${kind}; accepted: an ordinary table`, []);
  }
  const columns = await readColumns(client, relation);
  const missing = SIGNAL_COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length === 0) return { table: { relation, leaves: [relation], ancestors: [] }, problems: [] };
  const added = missing.map((column) => `ADD COLUMN ${column} text`).join(', ');
  return refused(name, `has no column ${missing.join(', ')}`, [sql(`ALTER TABLE ${quotedName(name)} ${added};`)]);
}

async function readColumns(client: ClientBase, { oid }: Relation): Promise<string[]> {
  const statement = 'SELECT attname::text AS name FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped';
  return (await client.query<{ name: string }>(statement, [oid])).rows.map(({ name }) => name);
}

function createStatement(name: TableName): string {
  return `CREATE TABLE ${quotedName(name)} (id text PRIMARY KEY, kind text NOT NULL, data jsonb);`;
}

function refused(name: TableName, why: string, remedies: readonly Remedy[]): SignalFinding {
  const run = remedies.map(({ text }) => ` Run: ${text}`).join('');
  const message = `MILLRACE_SIGNAL_TABLE: ${displayName(name)} ${why}.${run}`;
  return { table: null, problems: [problem('SIGNAL_TABLE_UNSUITABLE', message, { table: displayName(name) }, remedies)] };
}
