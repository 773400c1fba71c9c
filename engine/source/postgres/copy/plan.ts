import type { ClientBase } from 'pg';
import { parseRanges } from '../../../change/number-ranges.ts';
import type { SnapshotMode, SnapshotPart, SnapshotRecord, SnapshotTable } from '../../../change/snapshot.ts';
import type { TableSchema } from '../../../change/table-schema.ts';
import type { RelationMessage } from '../relation-message.ts';
import { displayName } from '../relations.ts';
import type { SelectedTable } from '../selection.ts';
import { readCopyParts, readCopyTables, type CopyPart, type CopyTable } from './catalog.ts';
import { findCuts, pageCuts, PAGES, unitsOf } from './cuts.ts';
import { copyStatement, unitStatements, type CopyRows } from './statements.ts';

/** One unit that is to be read. */
export interface CopyUnit {
  /** Its number in the snapshot, as `SnapshotRecord` counts units. */
  readonly unit: number;
  /** The table whose rows they go out as. */
  readonly tableOid: number;
  readonly name: string;
  readonly schema: TableSchema;
  readonly rows: CopyRows;
}

export interface CopyPlan {
  readonly record: SnapshotRecord;
  /** Without those that are done. */
  readonly units: readonly CopyUnit[];
  /** By unit, those that are done included. */
  readonly expectedRows: readonly number[];
  /** By unit, what it counts for: its table's size, or the size that a larger table is cut to. */
  readonly bytes: readonly number[];
}

export interface CopyPlanRequest {
  /** Reads under the snapshot, in a transaction. */
  readonly client: ClientBase;
  readonly mode: SnapshotMode;
  readonly tables: readonly SelectedTable[];
  /** Rows of partitions go out as those of the table that they belong to. */
  readonly viaRoot: boolean;
  readonly publication: string | null;
  readonly unitBytes: number;
  /** Only rows for which this holds; null for all that the publication sends. */
  readonly where: string | null;
  /** What an earlier run left of this snapshot; null without one. */
  readonly stored: SnapshotRecord | null;
  readonly describe: (relation: RelationMessage) => Promise<TableSchema>;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/** A table of the snapshot and where its rows lie. */
interface CopyTarget {
  readonly oid: number;
  readonly name: string;
  readonly parts: readonly number[];
}

/** Decides what is read. Units that an earlier run did are not read again, and tables of a finished snapshot not either. */
export async function planCopies(request: CopyPlanRequest): Promise<CopyPlan> {
  const { client, stored } = request;
  const targets = targetsOf(request);
  const finished = new Map(stored?.tables.filter((table) => table.parts.length === 0).map((table) => [table.oid, table]));
  const due = targets.filter(({ oid }) => !finished.has(oid));
  const tables = await readCopyTables(
    client,
    due.map(({ oid }) => oid),
    request.publication,
  );
  const parts = await readCopyParts(
    client,
    due.flatMap((target) => target.parts),
  );
  const planned: SnapshotTable[] = [];
  const units: CopyUnit[] = [];
  const expectedRows: number[] = [];
  const bytes: number[] = [];
  for (const target of targets) {
    const table = tables.get(target.oid);
    if (table === undefined) {
      const before = finished.get(target.oid);
      if (before !== undefined) planned.push(before);
      continue;
    }
    const schema = await request.describe(table.relation);
    const plannedParts: SnapshotPart[] = [];
    for (const oid of target.parts) {
      const part = parts.get(oid);
      if (part === undefined) continue;
      const plannedPart = await planPart(request, part, schema);
      plannedParts.push(plannedPart);
      const done = new Set(parseRanges(plannedPart.done));
      for (let index = 0; index <= plannedPart.cuts.length; index++) {
        const unit = expectedRows.push(part.rows / (plannedPart.cuts.length + 1)) - 1;
        bytes.push(bytesOf(part, plannedPart, request.unitBytes));
        if (!done.has(index))
          units.push({ unit, tableOid: target.oid, name: target.name, schema, rows: rowsOf(request, table, part, plannedPart, index) });
      }
    }
    planned.push({ oid: target.oid, name: target.name, rows: '0', parts: plannedParts });
  }
  const startedAt = stored?.finishedAt === null ? stored.startedAt : request.now;
  return { record: { mode: request.mode, startedAt, finishedAt: null, tables: planned }, units, expectedRows, bytes };
}

function targetsOf({ tables, viaRoot }: CopyPlanRequest): CopyTarget[] {
  const targets = tables.map(({ relation, leaves }) => ({ relation, parts: leaves.map(({ oid }) => oid) }));
  const each = viaRoot ? targets : tables.flatMap(({ leaves }) => leaves.map((relation) => ({ relation, parts: [relation.oid] })));
  return each.map(({ relation, parts }) => ({ oid: relation.oid, name: displayName(relation), parts }));
}

/** A part as it was cut before, if those cuts still hold. */
async function planPart({ client, stored, unitBytes }: CopyPlanRequest, part: CopyPart, schema: TableSchema): Promise<SnapshotPart> {
  const key = schema.keyColumns.map((column) => schema.columns[column]!.name);
  const before = stored?.tables.flatMap(({ parts }) => parts).find(({ oid }) => oid === part.oid);
  if (before !== undefined && isStillCut(before, key)) return before;
  const name = displayName(part);
  const units = unitsOf(part, unitBytes);
  if (key.length === 0) return { oid: part.oid, name, key: PAGES, cuts: pageCuts(part, units), done: '', rows: '0' };
  const cuts = await findCuts(client, part, key, part.kind === 'r' ? units : 1);
  return { oid: part.oid, name, key, cuts, done: '', rows: '0' };
}

/** A foreign table may be of any size. */
function bytesOf({ kind, bytes }: CopyPart, { cuts }: SnapshotPart, unitBytes: number): number {
  return cuts.length > 0 || kind === 'f' ? unitBytes : Math.min(bytes, unitBytes);
}

/** The columns of the key must still be there; cuts between pages hold only for what is read under their own snapshot. */
function isStillCut(before: SnapshotPart, key: readonly string[]): boolean {
  if (before.cuts.length === 0) return true;
  if (String(before.key) === String(PAGES)) return parseRanges(before.done).length > before.cuts.length;
  return String(before.key) === String(key);
}

function rowsOf(
  { where }: CopyPlanRequest,
  { relation, filter }: CopyTable,
  part: CopyPart,
  planned: SnapshotPart,
  index: number,
): CopyRows {
  const range = { key: planned.key, from: planned.cuts[index - 1] ?? null, to: planned.cuts[index] ?? null };
  const filters = [filter, where].filter((condition) => condition !== null).map((condition) => `(${condition}\n)`);
  const columns = relation.columns.map(({ name }) => name);
  return { part, columns, filter: filters.length === 0 ? null : filters.join(' AND '), range };
}

/** What reads a unit under a snapshot that another session exports. */
export function statementsOf({ rows: { part, columns, filter, range } }: CopyUnit, snapshotId: string): string {
  return unitStatements(snapshotId, part, copyStatement(part, columns, filter, range));
}
