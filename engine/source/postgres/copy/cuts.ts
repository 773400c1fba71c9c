import { escapeIdentifier, type ClientBase } from 'pg';
import type { CopyPart } from './catalog.ts';
import { onlyName } from './statements.ts';

/** Sampled rows for each unit: enough that units differ by less than half. */
const SAMPLES_A_UNIT = 100;
/** Pages of a sample at least, since rows of a page lie close together. */
const PAGES_A_UNIT = 8;
/** A table has at most so many units: the checkpoint keeps a cut for each. */
const UNITS_MAX = 1024;

/** Into how many units a part of this size is cut. */
export function unitsOf(part: CopyPart, unitBytes: number): number {
  return Math.min(UNITS_MAX, Math.max(1, Math.ceil(part.bytes / unitBytes)));
}

/**
 * Where a part is cut into about equal units: quantiles of its key among the rows of some of its pages, as texts in ascending order.
 * Any values will do, since each row lies between two of them; these only make the units alike.
 */
export async function findCuts(client: ClientBase, part: CopyPart, key: readonly string[], units: number): Promise<string[][]> {
  if (units < 2 || key.length === 0) return [];
  const columns = key.map(escapeIdentifier);
  const rowsAPage = Math.max(1, part.rows / Math.max(1, part.pages));
  const pages = units * Math.max(PAGES_A_UNIT, SAMPLES_A_UNIT / rowsAPage);
  const percent = Math.min(100, (100 * pages) / Math.max(1, part.pages));
  const statement = `
     WITH sampled AS MATERIALIZED (SELECT ${columns.join(', ')} FROM ${onlyName(part)} TABLESAMPLE SYSTEM (${percent})),
          placed AS (SELECT ARRAY[${columns.map((column) => `${column}::text`).join(', ')}] AS cut,
                            row_number() OVER (ORDER BY ${columns.join(', ')}) AS place, count(*) OVER () AS total FROM sampled)
     SELECT cut FROM placed WHERE place * ${units} / total <> (place - 1) * ${units} / total AND place < total ORDER BY place`;
  // The lock on the table goes with the savepoint: the keeper would hold it until all is read.
  await client.query('SAVEPOINT cuts');
  const { rows } = await client.query<{ cut: string[] }>(statement);
  await client.query('ROLLBACK TO cuts');
  return rows.map(({ cut }) => cut);
}

/** What cuts speak of where there is no key: where a row lies. No column can have this name. */
export const PAGES: readonly string[] = ['ctid'];

/** Cuts between pages, about as many units as asked for. They mean something under one snapshot only: an update moves its row. */
export function pageCuts({ heapPages }: CopyPart, units: number): string[][] {
  const count = Math.min(units, heapPages);
  return Array.from({ length: Math.max(0, count - 1) }, (_, index) => [`(${Math.floor(((index + 1) * heapPages) / count)},0)`]);
}
