import { escapeIdentifier, escapeLiteral } from 'pg';
import { quotedName } from '../relations.ts';
import type { CopyPart } from './catalog.ts';

/** Rows of one part, from a cut (included) up to another; null for no bound. */
export interface CopyRange {
  readonly key: readonly string[];
  readonly from: readonly string[] | null;
  readonly to: readonly string[] | null;
}

/** Which rows are read, and of them which columns. */
export interface CopyRows {
  readonly part: CopyPart;
  readonly columns: readonly string[];
  /** Only rows for which this holds; null for all of the range. */
  readonly filter: string | null;
  readonly range: CopyRange;
}

/** The COPY of a range of a part. */
export function copyStatement(part: CopyPart, columns: readonly string[], filter: string | null, range: CopyRange): string {
  const list = columns.map(escapeIdentifier).join(', ');
  const conditions = rangeConditions(filter, range);
  // The direct form is the faster one; it leaves out tables that inherit by itself.
  if (conditions.length === 0 && part.kind === 'r' && columns.length > 0) return `COPY ${quotedName(part)} (${list}) TO STDOUT`;
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return `COPY (SELECT ${list} FROM ${onlyName(part)}${where}) TO STDOUT`;
}

/** What holds for the rows of a range for which a filter does. */
export function rangeConditions(filter: string | null, { key, from, to }: CopyRange): string[] {
  return [
    ...(filter === null ? [] : [`(${filter})`]),
    ...(from === null ? [] : [comparison(key, '>=', from)]),
    ...(to === null ? [] : [comparison(key, '<', to)]),
  ];
}

/** The COPY of the rows of a part that have these keys. */
export function copyKeysStatement({ part, columns, filter, range: { key } }: CopyRows, keys: readonly (readonly string[])[]): string {
  const list = columns.map(escapeIdentifier).join(', ');
  const tuples = keys.map((values) => `(${values.map(escapeLiteral).join(', ')})`).join(', ');
  const condition = `(${key.map(escapeIdentifier).join(', ')}) IN (${tuples})`;
  return `COPY (SELECT ${list} FROM ${onlyName(part)} WHERE ${filter === null ? '' : `(${filter}) AND `}${condition}) TO STDOUT`;
}

/** ONLY where tables could inherit. */
export function onlyName(part: CopyPart): string {
  return part.kind === 'r' ? `ONLY ${quotedName(part)}` : quotedName(part);
}

/** The texts are literals without a type: each is read as its column's. */
function comparison(key: readonly string[], operator: '>=' | '<', values: readonly string[]): string {
  return `(${key.map(escapeIdentifier).join(', ')}) ${operator} (${values.map(escapeLiteral).join(', ')})`;
}

/**
 * All that is sent to read one unit: a transaction of its own, so that its lock on the table ends with it, under the snapshot of all, and
 * the question whether the table is still the one that the snapshot shows. Of a table that was truncated or rewritten between the two it
 * shows no rows, and COPY finds none without a word.
 */
export function unitStatements(snapshotId: string, part: CopyPart, copy: string): string {
  return [BEGIN, `SET TRANSACTION SNAPSHOT ${escapeLiteral(snapshotId)}`, copy, isSameQuestion(part), 'COMMIT'].join(';\n');
}

/** SQL for when the transaction began by the server's clock: microseconds since 1970. */
export const MICROS = '(extract(epoch FROM now()) * 1000000)::int8';

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * Opens the transaction of a unit that is read beside the stream, and asks for its snapshot, for a place of the log behind everything that
 * this shows, for the time, and for the form that the table has there: `100:104:101 0/1A2B3C4 1795276487000000 9f86d0...`.
 */
export function chunkBegin(tableOid: number): string {
  return `${BEGIN};
  SELECT concat_ws(' ', pg_current_snapshot(), pg_current_wal_insert_lsn(),
                   ${MICROS}, ${formOf(tableOid)})`;
}

/** SQL for the columns and the key of a table as one word: another one after they were altered. */
export function formOf(tableOid: number): string {
  return `md5(concat_ws(' ',
    (SELECT string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = ${tableOid} AND attnum > 0 AND NOT attisdropped),
    (SELECT relreplident FROM pg_class WHERE oid = ${tableOid}),
    (SELECT string_agg(concat_ws(' ', indkey, indisprimary, indisreplident), ',' ORDER BY indexrelid) FROM pg_index
      WHERE indrelid = ${tableOid} AND (indisprimary OR indisreplident))))`;
}

/** The rest of that transaction: its rows, and the question of `unitStatements`. */
export function chunkStatements(part: CopyPart, copy: string): string {
  return [copy, isSameQuestion(part), 'COMMIT'].join(';\n');
}

function isSameQuestion(part: CopyPart): string {
  const name = escapeLiteral(quotedName(part));
  return `SELECT coalesce((SELECT c.relfilenode = coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
         AND pg_catalog.to_regclass(${name})::oid = c.oid
       FROM pg_catalog.pg_class c WHERE c.oid = ${part.oid}), false)`;
}
