import { escapeIdentifier, type ClientBase } from 'pg';
import { MillraceError } from '../../../base/errors.ts';
import { onlyName, rangeConditions, type CopyRange, type CopyRows } from '../copy/statements.ts';

/**
 * So often in a row a part of a table is read in vain until the read has failed. Each time the part is half as large, so that even the
 * largest chunk has come down to single rows before.
 */
export const REPEATS_MAX = 24;

/** Two ranges of about as many rows, that are one together; the range itself where its rows have but one key. */
export async function halvesOf(client: ClientBase, { part, filter, range }: CopyRows, rowCount: number): Promise<CopyRange[]> {
  const middle = Math.floor(rowCount / 2);
  if (middle === 0) return [range];
  const columns = range.key.map(escapeIdentifier);
  const conditions = rangeConditions(filter, range);
  const { rows } = await client.query<{ cut: string[] }>(
    `SELECT ARRAY[${columns.map((column) => `${column}::text`).join(', ')}] AS cut FROM ${onlyName(part)}
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} ORDER BY ${columns.join(', ')} OFFSET ${middle} LIMIT 1`,
  );
  const cut = rows[0]?.cut;
  if (cut === undefined || String(cut) === String(range.from)) return [range];
  return [
    { ...range, to: cut },
    { ...range, from: cut },
  ];
}

/** A table is changed faster than the smallest part of it can be read. */
export function overtaken(name: string): MillraceError {
  const message =
    `${name} changes faster than it is read: a part of it was read ${REPEATS_MAX} times, each half as large as the one before, ` +
    'and each time more was changed meanwhile than could be noted. Order it again when fewer rows change.';
  return new MillraceError('READ_OVERTAKEN', message, { table: name });
}
